// OpenAI's own client.

import OpenAI from 'openai';
import {HELLO, MODEL, PICTURE, TOOL, apiKey, baseURL, run} from './cases.js';

const client = (key = apiKey) => new OpenAI({baseURL, apiKey: key, maxRetries: 0});
const create = (body, key) => client(key).chat.completions.create({model: MODEL, messages: HELLO, ...body});
const WEATHER = [{role: 'user', content: 'Weather in Paris?'}];

await run({
    async whole() {
        const completion = await create({});
        return [completion.choices[0].message.content, completion.model, completion.usage.total_tokens];
    },
    async streamed() {
        let said = '';
        for await (const chunk of await create({stream: true})) said += chunk.choices[0].delta.content ?? '';
        return said;
    },
    wrong_key: () => create({}, 'wrong'),
    wrong_model: () => create({model: 'gpt-4o'}),
    wrong_path: () => client().completions.create({model: MODEL, prompt: 'Hello'}),
    bad_request: () => create({messages: [{role: 'user', content: 'Too long'}], stream: true}),
    async broken() {
        const messages = [{role: 'user', content: 'Break'}];
        for await (const _ of await create({messages, stream: true}));
    },
    async tools() {
        const asked = (await create({messages: WEATHER, tools: [TOOL]})).choices[0];
        const call = asked.message.tool_calls[0];
        const told = {role: 'tool', tool_call_id: call.id, content: 'Paris: 21 degrees'};
        const again = await create({messages: [...WEATHER, asked.message, told], tools: [TOOL]});
        return [asked.finish_reason, call.function.arguments, again.choices[0].message.content];
    },
    async tools_streamed() {
        const stream = client().chat.completions.stream({model: MODEL, messages: WEATHER, tools: [TOOL]});
        return (await stream.finalChatCompletion()).choices[0].message.tool_calls[0].function.arguments;
    },
    async structured() {
        const schema = {type: 'object', properties: {city: {type: 'string'}, degrees: {type: 'integer'}}};
        const format = {type: 'json_schema', json_schema: {name: 'weather', schema}};
        return JSON.parse((await create({response_format: format})).choices[0].message.content);
    },
    async picture() {
        const content = [{type: 'text', text: 'Look'}, {type: 'image_url', image_url: {url: PICTURE}}];
        return (await create({messages: [{role: 'user', content}]})).choices[0].message.content;
    },
    async models() {
        const names = [];
        for await (const model of client().models.list()) names.push(model.id);
        return [names, (await client().models.retrieve(MODEL)).id];
    },
});
