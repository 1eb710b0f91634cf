// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/lines/{lineId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        /** Look up a line */
        get: operations["getLine"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/lines/{lineId}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a line activated
         * @description A line of another account is refused with `LINE_ON_OTHER_ACCOUNT`.
         */
        post: operations["activateLine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/lines/{lineId}/deactivate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a line out of the network */
        post: operations["deactivateLine"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/lines/{lineId}/status": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        get?: never;
        /** Hold a line for a change, or let it go */
        put: operations["updateLineStatus"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    provisioned: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The network has worked on a line
         * @description Sent at least once, signed; repeats carry the same `eventId`.
         */
        post: operations["provisioned"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Activation: {
            accountId: string;
            iccid: string;
            imei: string;
            mdn: string;
            orderId: string;
            plan: string;
            /** @enum {unknown} */
            simType: "eSIM" | "SIM";
        };
        Line: {
            accountId: string;
            iccid: string;
            imei: string;
            lineId: string;
            mdn: string;
            orderId: string;
            plan: string;
            /** @enum {unknown} */
            status: "PENDING" | "ACTIVE" | "CHANGE_PENDING" | "SUSPENDED" | "FAILED" | "DEACTIVATED";
        };
        LineStatus: {
            /** @enum {unknown} */
            status: "ACTIVE" | "CHANGE_PENDING" | "SUSPENDED";
        };
        Problem: {
            code: string;
            issues?: {
                expected: string;
                found: string;
                pointer: string;
            }[];
            /** @description What was expected, what was found, what to do */
            message: string;
        };
        Provisioned: {
            accountId: string;
            eventId: string;
            /** @constant */
            eventType: "PROVISIONING_COMPLETE";
            lineItems: components["schemas"]["ProvisionedLine"][];
            mboOrderId: string;
            /** @enum {unknown} */
            provisioningStatus: "SUCCESS" | "FAILED";
            /** Format: date-time */
            timestamp: string;
        };
        ProvisionedLine: {
            iccid: string;
            imei: string;
            lineId: string;
            mdn: string;
            /** @enum {unknown} */
            status: "PROVISIONED" | "FAILED";
        };
    };
    responses: {
        /** @description It does not go with what is there, or the key was used for another request (`IDEMPOTENCY_KEY_REUSED`) */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The request does not fit this document, or cannot be used */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description Understood, and refused for good */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The API key is missing or not known */
        Unauthorized: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The same key with the same request acts once, and gets the same answer */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getLine: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Line"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    activateLine: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same request acts once, and gets the same answer */
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Activation"];
            };
        };
        responses: {
            /** @description The line, pending */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Line"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Refused"];
        };
    };
    deactivateLine: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same request acts once, and gets the same answer */
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The line, deactivated */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Line"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
        };
    };
    updateLineStatus: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same request acts once, and gets the same answer */
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                lineId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LineStatus"];
            };
        };
        responses: {
            /** @description The line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Line"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
        };
    };
    provisioned: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Provisioned"];
            };
        };
        responses: {
            /** @description Taken; not sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
