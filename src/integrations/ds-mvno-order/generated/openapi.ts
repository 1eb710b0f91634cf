// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep an order */
        post: operations["createOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        /** Look up an order */
        get: operations["getOrder"];
        /** Say how far an order is */
        put: operations["updateOrder"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        LineItem: {
            deviceModel: string;
            iccid: string;
            imei: string;
            lineItemId: string;
            mdn: string;
            monthlyCharge: number;
            plan: string;
            /** @enum {unknown} */
            simType: "eSIM" | "SIM";
        };
        NewOrder: {
            accountId: string;
            customerId: string;
            lineItems: components["schemas"]["LineItem"][];
            orderId: string;
            /** @enum {unknown} */
            orderType: "CREATE" | "CHANGE";
            /** @description The order whose lines a change is for */
            originalOrderId?: string;
            payment: components["schemas"]["Payment"];
            promotions: components["schemas"]["Promotion"][];
            shipping: components["schemas"]["Shipping"];
        };
        Order: {
            accountId: string;
            amdocsOrderRef?: string;
            customerId: string;
            lineItems: components["schemas"]["LineItem"][];
            orderId: string;
            /** @enum {unknown} */
            orderType: "CREATE" | "CHANGE";
            originalOrderId?: string;
            payment: components["schemas"]["Payment"];
            promotions: components["schemas"]["Promotion"][];
            reason?: string;
            shipping: components["schemas"]["Shipping"];
            /** @enum {unknown} */
            status: "NEW" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED";
        };
        OrderUpdate: {
            amdocsOrderRef?: string;
            reason?: string;
            /** @enum {unknown} */
            status: "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED";
        };
        /** @description How the customer pays; the token stands for the details */
        Payment: {
            /** @enum {unknown} */
            method: "CREDIT_CARD" | "BANK_ACCOUNT";
            token: string;
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
        Promotion: {
            discount: number;
            promoCode: string;
        };
        Shipping: {
            address: string;
            /** @enum {unknown} */
            method: "STANDARD" | "OVERNIGHT";
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
    createOrder: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same request acts once, and gets the same answer */
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewOrder"];
            };
        };
        responses: {
            /** @description The order */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Refused"];
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    updateOrder: {
        parameters: {
            query?: never;
            header: {
                /** @description The same key with the same request acts once, and gets the same answer */
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrderUpdate"];
            };
        };
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["Refused"];
        };
    };
}
