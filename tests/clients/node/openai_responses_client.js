// OpenAI's own client, by the Responses API.

import OpenAI from 'openai';
import {MODEL, PICTURE, TOOL, apiKey, baseURL, run} from './cases.js';

const client = (key = apiKey) => new OpenAI({baseURL, apiKey: key, maxRetries: 0});
const create = (body, key) => client(key).responses.create({model: MODEL, input: 'Hello', ...body});
const WEATHER = [{role: 'user', content: 'Weather in Paris?'}];
const tools = [{type: 'function', strict: false, ...TOOL.function}];

await run({
    async whole() {
        const response = await create({});
        return [response.output_text, response.model, response.usage.total_tokens];
    },
    async streamed() {
        let said = '';
        for await (const event of await create({stream: true})) {
            if (event.type === 'response.output_text.delta') said += event.delta;
        }
        return said;
    },
    wrong_key: () => create({}, 'wrong'),
    wrong_model: () => create({model: 'gpt-4o'}),
    bad_request: () => create({input: 'Too long', stream: true}),
    async broken() {
        for await (const event of await create({input: 'Break', stream: true})) {
            if (event.type === 'response.failed') throw new Error(event.response.error.message);
        }
    },
    async tools() {
        const asked = await create({input: WEATHER, tools});
        const call = asked.output.at(-1);
        const told = {type: 'function_call_output', call_id: call.call_id, output: 'Paris: 21 degrees'};
        return (await create({input: [...WEATHER, ...asked.output, told], tools})).output_text;
    },
    async tools_streamed() {
        const stream = client().responses.stream({model: MODEL, input: WEATHER, tools});
        return (await stream.finalResponse()).output.at(-1).arguments;
    },
    async structured() {
        const schema = {type: 'object', properties: {city: {type: 'string'}, degrees: {type: 'integer'}}};
        const format = {type: 'json_schema', name: 'weather', schema};
        return JSON.parse((await create({text: {format}})).output_text);
    },
    async picture() {
        const content = [{type: 'input_text', text: 'Look'}, {type: 'input_image', image_url: PICTURE, detail: 'auto'}];
        return (await create({input: [{role: 'user', content}]})).output_text;
    },
});
