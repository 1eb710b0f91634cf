// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/sandbox/callbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The callbacks that were to be sent, oldest first */
        get: operations["listCallbacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/callbacks/target": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say where callbacks are sent; those that wait are sent there */
        put: operations["setCallbackTarget"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/faults": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The faults that are switched on, with what is left of each count */
        get: operations["getFaults"];
        /** Switch faults on, instead of those before */
        put: operations["setFaults"];
        post?: never;
        /** Switch all faults off; calls that are held up go on, callbacks that were held back go out */
        delete: operations["clearFaults"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Callback: {
            attempts: number;
            body: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** @description The HTTP status or the error of the last attempt */
            lastAnswer: string | null;
            /**
             * @description `pending` until an attempt is answered 2xx (`delivered`) or there were too many (`given-up`); `held` and `lost` by a fault
             * @enum {string}
             */
            status: "pending" | "held" | "delivered" | "lost" | "given-up";
        };
        Faults: {
            callbacks?: {
                /** @description Every callback waits this long before it is sent */
                delayMs?: number;
                /** @description The next callbacks are sent twice */
                duplicate?: number;
                /** @description The next callbacks are never sent */
                lose?: number;
                /** @description The next callbacks are held back until the one after them was sent, then follow, last first */
                reorder?: number;
            };
            /** @description This part of the calls fails, evenly spread: 0.5 fails every second call, the first one not */
            errorRate?: number;
            /** @description The next calls fail before anything is done */
            failNext?: number;
            /** @description Every call waits this long before it is worked on */
            latencyMs?: number;
            /** @description Only calls of these operations meet the faults; absent, calls of all do */
            operations?: string[];
            /** @description What failing calls are answered with, 503 unless told */
            status?: number;
            /** @description The next calls that change something do so, and are never answered */
            timeoutAfterCommitNext?: number;
        };
        Problem: {
            code: string;
            issues?: {
                expected: string;
                found: string;
                pointer: string;
            }[];
            message: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listCallbacks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The callbacks */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Callback"][];
                    };
                };
            };
        };
    };
    setCallbackTarget: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    secret: string;
                    /** Format: uri */
                    url: string;
                };
            };
        };
        responses: {
            /** @description Taken */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The request does not fit this document */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The faults */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Faults"];
                };
            };
        };
    };
    setFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Faults"];
            };
        };
        responses: {
            /** @description The faults */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Faults"];
                };
            };
            /** @description The request does not fit this document */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clearFaults: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Switched off */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
