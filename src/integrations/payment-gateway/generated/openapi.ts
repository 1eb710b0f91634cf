// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/charges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find charges */
        get: operations["listCharges"];
        put?: never;
        /**
         * Charge a card at once
         * @description A bank that says no is an answer too: 201 with status `failed`. Details that cannot be used at all are 422, and then nothing was tried.
         */
        post: operations["createCharge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charges/{chargeId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        /** Look up a charge */
        get: operations["getCharge"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/charges/{chargeId}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        /** List the refunds of a charge */
        get: operations["listRefunds"];
        put?: never;
        /** Give back all or part of a charge */
        post: operations["createRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/idempotency-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was done under an idempotency key
         * @description For the caller who got no answer. 404 says that certainly nothing was done under this key.
         */
        get: operations["getOutcome"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open a page on which a customer pays */
        post: operations["createSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        /** Look up a session */
        get: operations["getSession"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/expire": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a session, so that it can no longer be paid
         * @description Answers with the session as it then is. One that was paid before stays completed, one that is closed already stays as it is.
         */
        post: operations["expireSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{sessionId}/pay": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay an open session by card
         * @description What the hosted page does for the customer; it needs no API key. The outcome is also sent to the merchant by the webhook. A session can be paid, or fail to be paid, once.
         */
        post: operations["paySession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    paymentResult: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A session was paid, or could not be paid
         * @description Sent at least once, until the receiver answers 2xx, with a growing pause between attempts. Repeats carry the same `eventId`.
         */
        post: operations["paymentResult"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Amount: number;
        CardToken: string;
        Charge: {
            amount: components["schemas"]["Amount"];
            amountRefunded: number;
            /** Format: date-time */
            createdAt: string;
            currency: components["schemas"]["Currency"];
            failureCode: string | null;
            failureReason: string | null;
            id: string;
            method: components["schemas"]["MethodDetails"];
            orderId: string;
            paymentMethod: components["schemas"]["PaymentMethod"];
            reference: string;
            sessionId: string | null;
            /** @enum {string} */
            status: "succeeded" | "failed";
        };
        Currency: string;
        MethodDetails: {
            brand: string | null;
            holder: string | null;
            last4: string | null;
        };
        NewCharge: {
            amount: components["schemas"]["Amount"];
            cardToken: components["schemas"]["CardToken"];
            currency: components["schemas"]["Currency"];
            customerId: string;
            orderId: string;
            paymentMethod: components["schemas"]["PaymentMethod"];
            reference: string;
        };
        NewRefund: {
            amount: components["schemas"]["Amount"];
            currency: components["schemas"]["Currency"];
            reason: string;
            /** @description The merchant's own id of this refund */
            reference: string;
        };
        NewSession: {
            amount: components["schemas"]["Amount"];
            currency: components["schemas"]["Currency"];
            customerId: string;
            orderId: string;
            /** @description The merchant's own id of this payment; comes back in webhooks */
            reference: string;
        };
        Outcome: {
            /** @constant */
            kind: "session";
            session: components["schemas"]["Session"];
        } | {
            charge: components["schemas"]["Charge"];
            /** @constant */
            kind: "charge";
        } | {
            /** @constant */
            kind: "refund";
            refund: components["schemas"]["Refund"];
        };
        /** @enum {string} */
        PaymentMethod: "credit_card" | "debit_card" | "paypal" | "bank_transfer" | "apple_pay" | "google_pay";
        PaymentResult: {
            amount: components["schemas"]["Amount"];
            currency: components["schemas"]["Currency"];
            /** @description The same on every repeat */
            eventId: string;
            failureCode?: string;
            failureReason?: string;
            method: components["schemas"]["MethodDetails"];
            orderId: string;
            paymentMethod: components["schemas"]["PaymentMethod"];
            reference: string;
            sessionId: string;
            /** @enum {string} */
            status: "completed" | "failed";
            transactionId: string;
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
        Refund: {
            amount: components["schemas"]["Amount"];
            chargeId: string;
            /** Format: date-time */
            createdAt: string;
            currency: components["schemas"]["Currency"];
            id: string;
            reason: string;
            reference: string;
        };
        Session: {
            amount: components["schemas"]["Amount"];
            /** Format: date-time */
            createdAt: string;
            currency: components["schemas"]["Currency"];
            /** Format: date-time */
            expiresAt: string;
            id: string;
            orderId: string;
            reference: string;
            /** @enum {string} */
            status: "open" | "completed" | "failed" | "expired";
            /** @description The charge that paid it, or that was tried and failed */
            transactionId: string | null;
            /** Format: uri */
            url: string;
        };
    };
    responses: {
        /** @description The state does not allow it: `IDEMPOTENCY_KEY_REUSED` or `SESSION_NOT_OPEN` */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The request does not fit this document */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Problem"];
            };
        };
        /** @description The card token cannot be used, `INVALID_PAYMENT_DETAILS`; nothing was tried */
        InvalidPaymentDetails: {
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
        ChargeId: string;
        IdempotencyKey: string;
        SessionId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listCharges: {
        parameters: {
            query?: {
                idempotencyKey?: string;
                orderId?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The charges that fit, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Charge"][];
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
        };
    };
    createCharge: {
        parameters: {
            query?: never;
            header: {
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCharge"];
            };
        };
        responses: {
            /** @description The charge, succeeded or failed */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Charge"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidPaymentDetails"];
        };
    };
    getCharge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The charge */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Charge"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    listRefunds: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The refunds, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Refund"][];
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    createRefund: {
        parameters: {
            query?: never;
            header: {
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRefund"];
            };
        };
        responses: {
            /** @description The refund */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refund"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            /** @description The charge cannot be given back like this: `REFUND_EXCEEDS_CHARGE`, `CHARGE_NOT_REFUNDABLE` or `CURRENCY_MISMATCH` */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getOutcome: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Outcome"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header: {
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSession"];
            };
        };
        responses: {
            /** @description The session */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            409: components["responses"]["Conflict"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    expireSession: {
        parameters: {
            query?: never;
            header: {
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    paySession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: components["parameters"]["SessionId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    cardToken: components["schemas"]["CardToken"];
                    holder?: string;
                };
            };
        };
        responses: {
            /** @description The session as it is now, completed or failed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["Invalid"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            422: components["responses"]["InvalidPaymentDetails"];
        };
    };
    paymentResult: {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<seconds>,v1=<hex>`, where the hex is HMAC-SHA256 over `<seconds>.<raw body>` with the webhook secret. */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PaymentResult"];
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
