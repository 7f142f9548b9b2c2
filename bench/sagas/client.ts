import { Agent, type Dispatcher } from "undici";

/** Requests of the bench itself, and of whatever else it brings: many at once over few connections, at as little cost as Node allows. */
const agent = new Agent({ connections: 128, keepAliveTimeout: 60_000 });
const json = { "content-type": "application/json" };

/** The answer's text. @throws Error when it is none of the 200s */
export function send(url: string, { method = "GET", body = null, headers = {} }: SendOptions = {}): Promise<string> {
  const { origin, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let status = 0;
    const options = {
      origin,
      path: pathname + search,
      method,
      body,
      headers: body === null ? headers : { ...json, ...headers },
    };
    agent.dispatch(options, {
      onConnect() {},
      onHeaders(code) {
        status = code;
        return true;
      },
      onData(part) {
        parts.push(part);
        return true;
      },
      onComplete() {
        const text = Buffer.concat(parts).toString();
        if (status >= 200 && status < 300) resolve(text);
        else reject(new Error(`${origin}${pathname} answered ${status}: ${text.slice(0, 300)}`));
      },
      onError: reject,
    });
  });
}

export interface SendOptions {
  readonly method?: Dispatcher.HttpMethod;
  readonly body?: string | null;
  readonly headers?: Record<string, string>;
}
