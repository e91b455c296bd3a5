"""The patterns that tell a cause by what services say, a line for each, which count before lengths and parameters are looked for.

Data, compared in the order in which it stands. Source: facts from public reports and documents of services. Each line is
a regular expression without unbounded repetition inside another, over words in lower case, without quotes, `-` and `_` as
spaces, codes taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from g4f_magic.causes import Cause

Patterns = tuple[tuple[Cause, re.Pattern[str]], ...]

_FIRST: tuple[tuple[Cause, str], ...] = (
    (
        Cause.MODELS_PARAMETER,
        r"""
        function tools with reasoning
        no endpoints found that (?:can )?(?:handle|support) .{0,40}parameters
        tool choice requires\b
        """,
    ),
    (
        Cause.NO_PICTURES,
        r"""
        (?:image|vision|visual|picture|multi ?modal)\w*\b.{0,40}\b(?:n[o']t|un|non|no) ?(?:support|enabl|accept|allow|permit|availab|handl|process|understand|read)
        (?:n[o']t|un) ?(?:support|accept|enabl|allow|take|process|handle)\w*(?: for| the| any| to)*(?: process| use| receive)?(?: \w+){0,2} (?:images?\b|image (?:inputs?|urls?|parts?|content)|vision|visual|pictures|multi ?modal)
        no endpoints found that support (?:image|vision)
        (?:unknown variant|invalid (?:content|part|type|value)|unexpected (?:content|part|type)|unsupported (?:content|part|type)).{0,60}\bimage url
        is not a (?:multi ?modal|vision|visual)\b
        (?:only|just) (?:supports?|accepts?|takes?|handles?) (?:plain )?text\b
        (?:missing|requires?|need|without|no|provide)\b.{0,40}\bmmproj
        at most 0 images?
        images?(?: url)?s? (?:is|are) only supported by
        content must be a string
        text only model
        reads text alone
        """,
    ),
    (
        Cause.NOT_FOR_CHAT,
        r"""
        not a chat model
        n[o']t support (?:the )?(?:/?v1/)?(?:openai )?(?:chat|generate\b|completions? api)
        do not support chat
        does not support completions
        v1/responses
        responses api
        not supported in the v1/chat
        not supported for chat
        use v1/completions
        interactions api
        is an? (?:text )?(?:embeddings?|image|audio|speech|rerank\w*|moderation|transcription|tts|video) model
        embeddings? models? (?:do|can)
        no chat template|provide a chat template|template not found
        not (?:accessible|available|supported) (?:via|through|at|on|in|by) (?:the )?/?(?:v1/)?chat
        unsupported api for model
        not have a chat template
        chat template is not
        chat ?completions? (?:operation|endpoint|api)? ?(?:is|does|are)? ?not (?:work|supported|available|enabled)
        chatcompletion operation does not work
        not (?:a )?(?:text|language|llm) (?:generation )?model
        modality contain audio
        model is not (?:an? )?(?:llm|chat|conversational)
        not a conversational model
        only (?:supports|available (?:via|through|in)) (?:the )?(?:embeddings?|responses|completions|batch|live|realtime)
        task \S+ (?:is )?not supported
        model type \S+ (?:is )?not supported
        """,
    ),
    (
        Cause.NO_MEMORY,
        r"""
        requires? more (?:system |gpu |video )?memory
        out of memory
        insufficient (?:system )?(?:memory|resources)
        not enough (?:gpu |system |video )?memory
        cudamalloc failed
        unable to allocate \S+ buffer
        """,
    ),
    (
        Cause.LONG_CONVERSATION,
        r"""
        request too large .{0,200}(?:tokens per|tpm)
        input (?:or|and) output tokens must be reduced
        """,
    ),
    (
        Cause.NO_CREDIT,
        r"""
        insufficient.{0,12} (?:quota|balance|credits?|funds|permission to pay)
        (?:balance|credits?|funds) (?:is |are |has been |have been )?(?:too low|not enough|insufficient|exhausted|depleted|used up|expired|exceeded|run out)
        quota (?:is |has been )?(?:not enough|insufficient|exhausted|depleted|used up|expired)
        used up (?:all|your)|(?:daily|weekly|monthly|free) (?:\w+ )?(?:allocation|allowance)
        not enough (?:balance|credits?|funds|quota)
        no credits? (?:left|remain|available|in|on)\b|have no credits?\b
        out of credits?
        (?:requires|need|add|purchase|buy) (?:\d+ )?(?:more )?credits
        can only afford
        only affords?
        exceeded your (?:current |monthly |included |daily |usage |weekly )*(?:quota|credits?|spend|budget|limit for free)
        billing (?:hard|soft)
        billing (?:is |account )?not (?:active|enabled)
        billing details
        check your billing
        payment required
        payment method
        top up
        recharge
        account (?:is )?(?:not active|overdue|deactivated for)
        arrear
        overdue
        spend(?:ing)? (?:limit|cap)
        budget (?:has been |is |was )?(?:exceeded|exhausted|full)|exceeded (?:\w+ )?budget|max budget
        exceeded budget
        over (?:its |your )?budget
        free (?:tier|quota|trial|credits?|allocated quota).{0,40}(?:exhausted|exceeded|over|ended|expired|used)
        allocated quota exceeded
        quota (?:for|of) .{0,60} (?:exhausted|exceeded|used up)
        negative balance
        prepaid
        trial (?:has )?(?:ended|expired)
        subscription (?:has )?(?:ended|expired)
        (?:weekly|monthly) (?:usage )?limit
        extra usage (?:is )?required
        credit card (?:on file|to)|add a (?:credit )?card
        余额
        额度不足
        额度已用尽
        欠费
        已欠
        充值
        配额
        用尽
        set (?:inference|usage|spending) limit
        """,
    ),
    (
        Cause.RATE_LIMITED,
        r"""
        rate.?limit
        too many (?:requests|tokens per|concurrent)
        (?:requests|tokens|queries) per (?:min|sec|day|hour|month|second)
        throttl
        slow down
        resource (?:has been )?exhausted
        concurren.{0,20}(?:limit|exceed)
        limit (?:reached|exceeded) for (?:model|requests)
        too frequent
        requests? limit
        usage limit
        hourly
        daily limit
        per day limit
        quota exceeded
        exceeded .{0,20}quota
        限流
        频繁
        频率
        速率
        并发
        """,
    ),
    (
        Cause.PERMISSION,
        r"""
        not allowed to access (?:this )?model|can only access models
        (?:organi[sz]ation|account) must be verified|verify organi[sz]ation
        (?:project|account|team|user|key)\b.{0,40}not have access to (?:the )?model
        incorrect regional hostname|incorrect hostname
        organi[sz]ation (?:has been |is )?restricted
        """,
    ),
    (
        Cause.WRONG_KEY,
        r"""
        (?:api|access|subscription|secret|provider) ?key\b.{0,60}(?:not valid|invalid|incorrect|missing|expired|not found|not exist|revoked|disabled|required|leaked|not provided|wrong|unknown|not set|deleted|inactive)
        (?:invalid|incorrect|wrong|missing|no|expired|bad|malformed|unknown|provide an?|provided an?|provide your|disabled|revoked|blocked|inactive) (?:or missing |or expired |valid )?(?:authentication|authorization|proxy server|x |api |auth |access |bearer |openai |user )*(?:key|api token|auth token|access token|bearer token|authentication|authorization|credentials?|auth)\b
        invalid token\b(?! (?:at|in|id|count))
        token (?:is |has )?(?:expired|invalid|revoked)
        unauthenticated
        unauthorized
        (?:authentication|authorization|log ?in) (?:fail(?:ed|s)?|error|required|parameter|header)\b
        not authenticated
        login required
        not (?:logged|signed) in\b
        could not (?:validate|verify|resolve) (?:credentials|authentication)
        unregistered callers
        user not found
        user or organization.{0,20}not exist
        signature (?:is )?(?:invalid|mismatch)
        incorrect username
        invalid username
        令牌
        密钥
        鉴权
        身份验证
        未登录
        认证失败
        """,
    ),
    (
        Cause.REGION,
        r"""
        (?:country|region|territory|location|countries|regions|where you are)\b.{0,60}(?:n[o']t (?:supported|available|allowed|served)|unsupported|restricted|blocked)
        (?:not|un) ?(?:available|supported|accessible) in (?:your|this) (?:country|region|location)
        unsupported country
        banned the (?:country|region)
        error code: 1009
        (?:restricted|blocked) (?:in|from) (?:your|this) (?:country|region|location)
        geo(?:graphic)?.{0,12}(?:block|restrict)
        地区
        区域
        """,
    ),
    (
        Cause.ROLE,
        r"""
        \b(?:system|developer)\b.{0,30}\b(?:role|message|instruction|prompt)s?\b.{0,60}\b(?:not|unsupported|must be at|disabled)\b
        only user and assistant
        (?:role|roles)\b.{0,60}\b(?:system|developer)\b.{0,60}(?:not|un) ?supported
        role does not support
        does not support (?:the )?(?:system|developer)\b
        not support (?:the )?(?:system|developer)\b
        unexpected (?:message )?role
        unknown variant (?:system|developer)
        roles must alternate
        (?:invalid|unknown|unsupported|valid) (?:message )?role\b
        system (?:role|message|prompt)s? (?:is |are )?(?:not|un) ?supported
        """,
    ),
    (
        Cause.NO_MODEL,
        r"""
        no models? (?:is |are )?(?:currently )?loaded
        """,
    ),
    (
        Cause.UNKNOWN_MODEL,
        r"""
        not (?:exist|found) or (?:you|your [\w ]{1,40}) (?:do|does) not have access
        model not (?:found|exist)\b
        """,
    ),
    (
        Cause.PERMISSION,
        r"""
        data policy
        must be verified
        verify organization
        not activated\b
        has not been used in project
        service (?:is )?(?:blocked|disabled)
        not (?:have|has) (?:the )?(?:access|permission|sufficient|scope)
        missing scopes?
        insufficient (?:permissions?|scope|privileges?)
        no access to (?:the |this )?(?:model|project|endpoint|deployment)
        access to (?:this |the )?model .{0,40}(?:denied|restricted)
        (?:model|you).{0,60}gated
        gated (?:repo|model)
        terms (?:of|acceptance)
        requires terms
        not (?:allowed|permitted|authorized|entitled|enabled|subscribed) (?:to|for)
        permission denied
        (?:organi[sz]ation|account|project|user|team) (?:has been |is |was )?(?:disabled|suspended|deactivated|banned|blocked)
        access denied
        (?:can t|cannot|can not|not allowed to) access
        ip address.{0,40}not
        (?:model|feature).{0,40}(?:requires|only available).{0,30}(?:plan|subscription|tier|paid)
        plan does not
        无权
        没有权限
        """,
    ),
)


def compiled(lines: Iterable[tuple[Cause, str]]) -> Patterns:
    """Return one pattern for the lines of each cause."""
    return tuple(
        (cause, re.compile("|".join(filter(None, map(str.strip, patterns.splitlines())))))
        for cause, patterns in lines
    )


FIRST = compiled(_FIRST)
