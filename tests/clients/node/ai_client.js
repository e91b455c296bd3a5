// Vercel's AI SDK, by its provider for OpenAI-compatible services and by OpenAI's own.

import {createOpenAI} from '@ai-sdk/openai';
import {createOpenAICompatible} from '@ai-sdk/openai-compatible';
import {Output, generateText, stepCountIs, streamText, tool} from 'ai';
import {z} from 'zod';
import {MODEL, PICTURE, apiKey, baseURL, isResponses, run} from './cases.js';

// Its own provider asks by the Responses API where nothing else is said.
const compatible = (key = apiKey, model = MODEL) => isResponses
    ? createOpenAI({baseURL, apiKey: key})(model)
    : createOpenAICompatible({name: 'gateway', baseURL, apiKey: key, includeUsage: true, supportsStructuredOutputs: true})(model);
const own = () => createOpenAI({baseURL, apiKey}).chat(MODEL);
const weather = tool({
    description: 'Tell the weather',
    inputSchema: z.object({city: z.string()}),
    execute: async ({city}) => `${city}: 21 degrees`,
});
const generate = (options) => generateText({model: compatible(), maxRetries: 0, prompt: 'Hello', ...options});
const stream = (options) => {
    let failed;
    const onError = ({error}) => { failed = error; };
    const result = streamText({model: compatible(), maxRetries: 0, prompt: 'Hello', onError, ...options});
    return (async () => {
        let said = '';
        for await (const piece of result.textStream) said += piece;
        if (failed) throw failed;
        return [said, (await result.usage).totalTokens];
    })();
};
const agent = {prompt: 'Weather in Paris?', tools: {weather}, stopWhen: stepCountIs(3)};

await run({
    async whole() {
        const reply = await generate({maxOutputTokens: 64});
        return [reply.text, reply.response.modelId, reply.usage.totalTokens];
    },
    streamed: async () => (await stream({}))[0],
    counted: async () => [(await stream({}))[1]],
    wrong_key: () => generate({model: compatible('wrong')}),
    wrong_model: () => generate({model: compatible(apiKey, 'gpt-4o')}),
    bad_request: () => generate({prompt: 'Too long'}),
    broken: () => stream({prompt: 'Break'}),
    tools: async () => (await generate(agent)).text,
    tools_streamed: async () => (await stream(agent))[0],
    structured: async () => {
        const schema = z.object({city: z.string(), degrees: z.number()});
        return (await generate({output: Output.object({schema})})).output;
    },
    picture: async () => {
        const content = [{type: 'text', text: 'Look'}, {type: 'image', image: PICTURE}];
        return (await generate({prompt: undefined, messages: [{role: 'user', content}]})).text;
    },
    async thought() {
        const providerOptions = {openai: {reasoningSummary: 'auto', forceReasoning: true, reasoningEffort: 'low'}};
        return (await generate({prompt: 'Think', providerOptions})).reasoningText;
    },
    whole_own: async () => (await generate({model: own(), maxOutputTokens: 64})).text,
    streamed_own: async () => (await stream({model: own()}))[0],
    tools_own: async () => (await generate({...agent, model: own()})).text,
});
