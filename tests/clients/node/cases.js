// Runs a client's cases and prints what came of each as JSON: what it said, or which error it raised.

export const [baseURL, apiKey, protocol] = process.argv.slice(2);
/** Whether a client that has both is to ask by the Responses API. */
export const isResponses = protocol === 'responses';
export const MODEL = 'theirs';
export const PICTURE = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
export const HELLO = [{role: 'user', content: 'Hello'}];
export const TOOL = {
    type: 'function',
    function: {
        name: 'weather',
        parameters: {type: 'object', properties: {city: {type: 'string'}}, required: ['city']},
    },
};

/** @param {Record<string, () => Promise<unknown>>} cases */
export async function run(cases) {
    const outcomes = {};
    for (const [name, one] of Object.entries(cases)) {
        try {
            outcomes[name] = {said: await one()};
        } catch (error) {
            const errors = [];
            for (let kind = error.constructor; kind?.name; kind = Object.getPrototypeOf(kind)) errors.push(kind.name);
            outcomes[name] = {errors, status: error.status ?? error.statusCode, message: String(error.message)};
        }
    }
    console.log(JSON.stringify(outcomes));
}
