"""The wider patterns that tell a cause, as in `cause_patterns`: they count where lengths and parameters say nothing."""

from __future__ import annotations

from g4f_magic.causes import Cause
from g4f_magic.wire.cause_patterns import compiled

_LAST: tuple[tuple[Cause, str], ...] = (
    (
        Cause.NO_MODEL,
        r"""
        no models? (?:is |are )?(?:currently )?loaded
        load a model (?:in|first|before)
        """,
    ),
    (
        Cause.UNKNOWN_MODEL,
        r"""
        \bmodels?\b.{0,120}(?:not found|not exist|n[o']t exist|not a valid|no such|\bunknown|(?:is|was|name|id) invalid|not available|n[o']t supported|unsupported|decommissioned|deprecated|retired|no longer|discontinued|not loaded|unavailable for|not configured|not recognized|not registered|not in the list|not allowed|unrecognized)
        (?:no such|unknown|invalid|not a valid|unsupported|unrecognized|find|found|no|load) model\b
        deployment.{0,60}(?:not (?:exist|found)|does not)
        no endpoints found
        (?:function|engine|endpoint|checkpoint)\b.{0,80}not found
        try pulling it
        \bmodels?\b.{0,120}(?:(?:was|has been|is) removed|shut down|sunset|end of (?:its )?life)
        unavailable model\b
        supported (?:api )?model names are
        no (?:available )?(?:channels?|providers?|deployments?|backends?) .{0,40}model
        模型
        no allowed providers
        无可用渠道
        requested entity was not found
        model ?required
        must provide a model
        model (?:name )?(?:is )?(?:missing|required)
        """,
    ),
    (
        Cause.POLICY,
        r"""
        content (?:filter|polic|management|moderation|violation|blocked)
        violat.{0,60}(?:polic|terms|guideline|rules)
        (?:usage|safety|content|acceptable use) polic
        safety (?:system|filter|reason|setting|check)
        responsible ai
        \bflagged\b
        prohibited content
        guardrails?\b
        inappropriate
        sensitive (?:content|words?|information)
        data ?inspection ?failed
        prompt (?:was |is )?blocked
        blocked (?:by|due to|for|because)
        unsafe content
        (?:new|input|output) sensitive
        moderation
        limited access to this content
        敏感
        不合规
        违规
        内容安全
        审核
        """,
    ),
    (
        Cause.LOADING,
        r"""
        \b(?:currently|still|being) load
        loading model|model loading
        model.{0,60}(?:is loading|warming|starting|cold|not ready|initializ|being loaded)
        still loading
        warming up
        starting up
        not ready yet
        server is loading
        booting
        """,
    ),
    (
        Cause.OVERLOADED,
        r"""
        overload|degraded
        over capacity
        at (?:full )?capacity
        no capacity
        (?:capacity|load) (?:exceeded|constraint|limit|reached)
        (?:server|service|system|model|engine|engines|backend)s? (?:is |are )?(?:currently |too |temporarily |very )*(?:busy|unavailable|down|offline)
        high (?:demand|load|traffic|volume)
        heavy (?:load|traffic)
        temporarily
        try again later
        service ?unavailable
        queue (?:is )?full
        pending requests
        no (?:healthy|available) (?:upstream|server|instance|worker|replica|backend)
        no deployments available
        server ?busy
        maintenance
        繁忙
        过载
        负载
        饱和
        稍后
        """,
    ),
    (
        Cause.TIMED_OUT,
        r"""
        time[sd]?.?out
        timeout
        deadline (?:is )?exceeded
        took too long
        timed out
        context canceled
        超时
        """,
    ),
    (
        Cause.FAILED,
        r"""
        internal (?:server )?error(?![. ]algo[. ]invalid)
        server ?error
        \bapi error
        bad gateway
        upstream (?:error|failure|connect|server|service|unavailable|returned (?:http )?5)
        unexpected (?:error|condition)
        something went wrong
        returned error
        connection (?:error|refused|reset)
        \beof\b
        model runner
        crash
        inference (?:failed|error)
        could not connect
        """,
    ),
)

LAST = compiled(_LAST)
