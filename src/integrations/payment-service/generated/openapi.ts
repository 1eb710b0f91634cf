// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay an order
         * @description Charges at once. The outcome also wakes the process of the order. When the gateway does not answer, send the same request again with the same Idempotency-Key: it never charges twice.
         *
         *     Emits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`.
         */
        post: operations["payments.process"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{paymentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a payment
         * @description Details are masked for readers who may know of the payment but not of its card.
         */
        get: operations["payments.get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/{paymentId}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give back all or part of a payment
         * @description For callers with the role `admin` or `manager` or `service`.
         *
         *     Emits `payment.refunded`.
         */
        post: operations["payments.refund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/order/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the payments of an order, newest first */
        get: operations["payments.list-for-order"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/order/{orderId}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle the payment of an order that was given up
         * @description Closes an open session, gives back what was taken, and does nothing otherwise.
         *
         *     For callers with the role `service` or `admin` or `manager`.
         *
         *     Emits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`, `payment.refunded`.
         */
        post: operations["payments.settle-order"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a page on which the customer pays an order
         * @description An order has one open session: asking again gives the same one.
         *
         *     For callers with the role `service` or `admin`.
         */
        post: operations["payments.create-session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments/sessions/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the gateway about open sessions that nothing was heard of
         * @description For webhooks that never come. Runs by itself now and then; what it learns is taken in like a webhook.
         *
         *     For callers with the role `service` or `admin` or `operator`.
         *
         *     Emits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`.
         */
        post: operations["payments.check-sessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "payment.failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A payment failed */
        post: operations["events.payment.failed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.processed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A payment succeeded */
        post: operations["events.payment.processed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.refunded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A payment was refunded, in whole or in part */
        post: operations["events.payment.refunded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payments.trigger.completed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trigger: the outcome of a payment is known */
        post: operations["events.payments.trigger.completed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payments.trigger.paid-after-cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trigger: a payment arrived for an order that was given up */
        post: operations["events.payments.trigger.paid-after-cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description Why a request was not done (RFC 9457). Further members give facts of the occurrence. */
        Problem: {
            /** @description Stable; act upon this, not upon texts */
            code: string;
            /** @description What was expected, what was found, what to do */
            detail: string;
            errors?: {
                expected: string;
                found: string;
                message: string;
                /** @description JSON pointer into the input */
                pointer: string;
            }[];
            status: number;
            title: string;
            traceId: string;
            /**
             * Format: uri-reference
             * @description Where the code is explained
             */
            type: string;
        };
    };
    responses: never;
    parameters: {
        /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
        IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "payments.process": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Has to be the total of the order */
                    amount: number | string;
                    /**
                     * Format: password
                     * @description The gateway's token; neither stored nor logged
                     * @example tok_xxxx
                     */
                    cardToken: string;
                    /** @example USD */
                    currency?: string;
                    /**
                     * Format: uuid
                     * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                     */
                    orderId: string;
                    /** @enum {string} */
                    paymentMethod: "credit_card" | "debit_card" | "paypal" | "bank_transfer" | "apple_pay" | "google_pay";
                    /**
                     * Format: uuid
                     * @description Has to be the buyer
                     * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                     */
                    userId?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        amount: number;
                        /** Format: date-time */
                        createdAt: string;
                        currency: string;
                        failureCode: string | null;
                        failureReason: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        id: string;
                        /** @description True when details are hidden from this reader */
                        masked: boolean;
                        method: {
                            brand: string | null;
                            holder: string | null;
                            last4: string | null;
                        } | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** @example credit_card */
                        paymentMethod: string;
                        processedAt: string | null;
                        refundedAmount: number;
                        sessionId: string | null;
                        /** @enum {string} */
                        status: "pending" | "processed" | "failed" | "refunded";
                        /** @description The gateway's id of the charge */
                        transactionId: string | null;
                        /** Format: date-time */
                        updatedAt: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                };
            };
            /**
             * @description `INVALID_INPUT`: The input is not valid.
             *
             *     `MALFORMED_JSON`: The body is not JSON.
             */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT" | "MALFORMED_JSON";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `PAYMENT_DECLINED`: The payment was declined */
            402: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_DECLINED";
                    };
                };
            };
            /** @description `PAYMENT_FORBIDDEN`: Only the buyer may do this with a payment */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_FORBIDDEN";
                    };
                };
            };
            /** @description `PAYMENT_ORDER_UNKNOWN`: The order of the payment does not exist */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_ORDER_UNKNOWN";
                    };
                };
            };
            /**
             * @description `ORDER_NOT_PAYABLE`: The order cannot be paid in its state
             *
             *     `PAYMENT_ALREADY_PROCESSED`: The order is already paid
             *
             *     `PAYMENT_IN_PROGRESS`: The order is being paid by another request
             *
             *     `IDEMPOTENCY_IN_FLIGHT`: A request with this idempotency key is being worked on.
             */
            409: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ORDER_NOT_PAYABLE" | "PAYMENT_ALREADY_PROCESSED" | "PAYMENT_IN_PROGRESS" | "IDEMPOTENCY_IN_FLIGHT";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE`: The body is too large. */
            413: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The body is not of a type that is read here. */
            415: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA_TYPE";
                    };
                };
            };
            /**
             * @description `PAYMENT_USER_MISMATCH`: The user is not the buyer of the order
             *
             *     `PAYMENT_AMOUNT_MISMATCH`: The amount is not the total of the order
             *
             *     `PAYMENT_METHOD_INACTIVE`: The payment method is not active
             *
             *     `INVALID_PAYMENT_DETAILS`: The payment details are not valid
             *
             *     `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used for another request.
             */
            422: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_USER_MISMATCH" | "PAYMENT_AMOUNT_MISMATCH" | "PAYMENT_METHOD_INACTIVE" | "INVALID_PAYMENT_DETAILS" | "IDEMPOTENCY_KEY_REUSED";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                paymentId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        amount: number;
                        can: {
                            action: string;
                            allowed: boolean;
                            reason?: string;
                        }[];
                        /** Format: date-time */
                        createdAt: string;
                        currency: string;
                        failureCode: string | null;
                        failureReason: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        id: string;
                        /** @description True when details are hidden from this reader */
                        masked: boolean;
                        method: {
                            brand: string | null;
                            holder: string | null;
                            last4: string | null;
                        } | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** @example credit_card */
                        paymentMethod: string;
                        processedAt: string | null;
                        refundedAmount: number;
                        sessionId: string | null;
                        /** @enum {string} */
                        status: "pending" | "processed" | "failed" | "refunded";
                        /** @description The gateway's id of the charge */
                        transactionId: string | null;
                        /** Format: date-time */
                        updatedAt: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                };
            };
            /** @description `INVALID_INPUT`: The input is not valid. */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `PAYMENT_FORBIDDEN`: Only the buyer may do this with a payment */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_FORBIDDEN";
                    };
                };
            };
            /** @description `PAYMENT_NOT_FOUND`: There is no such payment */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_NOT_FOUND";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.refund": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                paymentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description All that is left when absent */
                    amount?: number | string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        amount: number;
                        /** Format: date-time */
                        createdAt: string;
                        currency: string;
                        failureCode: string | null;
                        failureReason: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        id: string;
                        /** @description True when details are hidden from this reader */
                        masked: boolean;
                        method: {
                            brand: string | null;
                            holder: string | null;
                            last4: string | null;
                        } | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** @example credit_card */
                        paymentMethod: string;
                        processedAt: string | null;
                        refundedAmount: number;
                        sessionId: string | null;
                        /** @enum {string} */
                        status: "pending" | "processed" | "failed" | "refunded";
                        /** @description The gateway's id of the charge */
                        transactionId: string | null;
                        /** Format: date-time */
                        updatedAt: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                };
            };
            /**
             * @description `INVALID_INPUT`: The input is not valid.
             *
             *     `MALFORMED_JSON`: The body is not JSON.
             */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT" | "MALFORMED_JSON";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `FORBIDDEN`: This caller may not do that. */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "FORBIDDEN";
                    };
                };
            };
            /** @description `PAYMENT_NOT_FOUND`: There is no such payment */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_NOT_FOUND";
                    };
                };
            };
            /**
             * @description `PAYMENT_NOT_REFUNDABLE`: The payment cannot be refunded in its state
             *
             *     `REFUND_REFUSED`: The gateway refused the refund
             *
             *     `IDEMPOTENCY_IN_FLIGHT`: A request with this idempotency key is being worked on.
             */
            409: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_NOT_REFUNDABLE" | "REFUND_REFUSED" | "IDEMPOTENCY_IN_FLIGHT";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE`: The body is too large. */
            413: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The body is not of a type that is read here. */
            415: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA_TYPE";
                    };
                };
            };
            /**
             * @description `REFUND_EXCEEDS_PAYMENT`: The refund is larger than what is left of the payment
             *
             *     `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used for another request.
             */
            422: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "REFUND_EXCEEDS_PAYMENT" | "IDEMPOTENCY_KEY_REUSED";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.list-for-order": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Rows per page, 1 to 200 */
                limit?: number;
            };
            header?: never;
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        count: {
                            capped: boolean;
                            value: number;
                        };
                        items: {
                            amount: number;
                            can: {
                                action: string;
                                allowed: boolean;
                                reason?: string;
                            }[];
                            /** Format: date-time */
                            createdAt: string;
                            currency: string;
                            failureCode: string | null;
                            failureReason: string | null;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            id: string;
                            /** @description True when details are hidden from this reader */
                            masked: boolean;
                            method: {
                                brand: string | null;
                                holder: string | null;
                                last4: string | null;
                            } | null;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            orderId: string;
                            /** @example credit_card */
                            paymentMethod: string;
                            processedAt: string | null;
                            refundedAmount: number;
                            sessionId: string | null;
                            /** @enum {string} */
                            status: "pending" | "processed" | "failed" | "refunded";
                            /** @description The gateway's id of the charge */
                            transactionId: string | null;
                            /** Format: date-time */
                            updatedAt: string;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            userId: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description `INVALID_INPUT`: The input is not valid. */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `PAYMENT_FORBIDDEN`: Only the buyer may do this with a payment */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_FORBIDDEN";
                    };
                };
            };
            /** @description `PAYMENT_ORDER_UNKNOWN`: The order of the payment does not exist */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_ORDER_UNKNOWN";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.settle-order": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default The order was given up */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** @enum {string} */
                        outcome: "nothing" | "session-closed" | "refunded";
                        paymentId: string | null;
                        refundedAmount: number;
                    };
                };
            };
            /**
             * @description `INVALID_INPUT`: The input is not valid.
             *
             *     `MALFORMED_JSON`: The body is not JSON.
             */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT" | "MALFORMED_JSON";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `FORBIDDEN`: This caller may not do that. */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "FORBIDDEN";
                    };
                };
            };
            /** @description `IDEMPOTENCY_IN_FLIGHT`: A request with this idempotency key is being worked on. */
            409: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_IN_FLIGHT";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE`: The body is too large. */
            413: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The body is not of a type that is read here. */
            415: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA_TYPE";
                    };
                };
            };
            /** @description `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used for another request. */
            422: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.create-session": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Has to be the total of the order */
                    amount?: number | string;
                    /** @example USD */
                    currency?: string;
                    /**
                     * Format: uuid
                     * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                     */
                    orderId: string;
                    /**
                     * Format: uuid
                     * @description Has to be the buyer
                     * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                     */
                    userId?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        amount: number;
                        currency: string;
                        expiresAt: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                        sessionId: string | null;
                        /** @enum {string} */
                        status: "pending" | "processed" | "failed" | "refunded";
                        /** @description Where the customer pays; null when nothing is to be paid */
                        url: string | null;
                    };
                };
            };
            /**
             * @description `INVALID_INPUT`: The input is not valid.
             *
             *     `MALFORMED_JSON`: The body is not JSON.
             */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT" | "MALFORMED_JSON";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `FORBIDDEN`: This caller may not do that. */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "FORBIDDEN";
                    };
                };
            };
            /** @description `PAYMENT_ORDER_UNKNOWN`: The order of the payment does not exist */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_ORDER_UNKNOWN";
                    };
                };
            };
            /**
             * @description `ORDER_NOT_PAYABLE`: The order cannot be paid in its state
             *
             *     `IDEMPOTENCY_IN_FLIGHT`: A request with this idempotency key is being worked on.
             */
            409: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ORDER_NOT_PAYABLE" | "IDEMPOTENCY_IN_FLIGHT";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE`: The body is too large. */
            413: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The body is not of a type that is read here. */
            415: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA_TYPE";
                    };
                };
            };
            /**
             * @description `PAYMENT_USER_MISMATCH`: The user is not the buyer of the order
             *
             *     `PAYMENT_AMOUNT_MISMATCH`: The amount is not the total of the order
             *
             *     `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used for another request.
             */
            422: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "PAYMENT_USER_MISMATCH" | "PAYMENT_AMOUNT_MISMATCH" | "IDEMPOTENCY_KEY_REUSED";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "payments.check-sessions": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": {
                    /** @default 50 */
                    limit?: number;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asked: number;
                        /** @description True when there may be further ones to ask about at once */
                        more: boolean;
                        /** @description Payments that the answer settled */
                        settled: number;
                    };
                };
            };
            /**
             * @description `INVALID_INPUT`: The input is not valid.
             *
             *     `MALFORMED_JSON`: The body is not JSON.
             */
            400: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INVALID_INPUT" | "MALFORMED_JSON";
                    };
                };
            };
            /** @description `UNAUTHENTICATED`: Credentials are required. */
            401: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNAUTHENTICATED";
                    };
                };
            };
            /** @description `FORBIDDEN`: This caller may not do that. */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "FORBIDDEN";
                    };
                };
            };
            /** @description `IDEMPOTENCY_IN_FLIGHT`: A request with this idempotency key is being worked on. */
            409: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_IN_FLIGHT";
                    };
                };
            };
            /** @description `BODY_TOO_LARGE`: The body is too large. */
            413: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "BODY_TOO_LARGE";
                    };
                };
            };
            /** @description `UNSUPPORTED_MEDIA_TYPE`: The body is not of a type that is read here. */
            415: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "UNSUPPORTED_MEDIA_TYPE";
                    };
                };
            };
            /** @description `IDEMPOTENCY_KEY_REUSED`: The idempotency key was used for another request. */
            422: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "IDEMPOTENCY_KEY_REUSED";
                    };
                };
            };
            /** @description `RATE_LIMITED`: Too many requests. */
            429: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RATE_LIMITED";
                    };
                };
            };
            /** @description `INTERNAL`: Something broke inside. */
            500: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "INTERNAL";
                    };
                };
            };
            /** @description `OVERLOADED`: The server has too much to do. */
            503: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "OVERLOADED";
                    };
                };
            };
        };
    };
    "events.payment.failed": {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    data: {
                        amount: number;
                        currency: string;
                        /** Format: date-time */
                        failedAt: string;
                        failureCode: string;
                        failureReason: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                    /** @constant */
                    datacontenttype: "application/json";
                    /** @description The version of the data */
                    dataversion: string;
                    /** @description The same on every delivery of this event */
                    id: string;
                    /** @description Events with the same one keep their order */
                    partitionkey: string;
                    /** @description The position in the log of the sender */
                    sequence: string;
                    source: string;
                    /** @constant */
                    specversion: "1.0";
                    /** @description What the event is about */
                    subject: string;
                    /** Format: date-time */
                    time: string;
                    /** @description The trace in which the event occurred */
                    traceid?: string;
                    /** @constant */
                    type: "payment.failed";
                };
            };
        };
        responses: {
            /** @description Taken in; anything else is sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "events.payment.processed": {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    data: {
                        amount: number;
                        currency: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                        paymentMethod: string;
                        /** Format: date-time */
                        processedAt: string;
                        /** @description The gateway's id of the charge, or of the session when it named no charge */
                        transactionId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                    /** @constant */
                    datacontenttype: "application/json";
                    /** @description The version of the data */
                    dataversion: string;
                    /** @description The same on every delivery of this event */
                    id: string;
                    /** @description Events with the same one keep their order */
                    partitionkey: string;
                    /** @description The position in the log of the sender */
                    sequence: string;
                    source: string;
                    /** @constant */
                    specversion: "1.0";
                    /** @description What the event is about */
                    subject: string;
                    /** Format: date-time */
                    time: string;
                    /** @description The trace in which the event occurred */
                    traceid?: string;
                    /** @constant */
                    type: "payment.processed";
                };
            };
        };
        responses: {
            /** @description Taken in; anything else is sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "events.payment.refunded": {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    data: {
                        /** @description What went back this time */
                        amount: number;
                        currency: string;
                        fullyRefunded: boolean;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                        reason: string;
                        /** @description What went back so far */
                        refundedAmount: number;
                        /** Format: date-time */
                        refundedAt: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    };
                    /** @constant */
                    datacontenttype: "application/json";
                    /** @description The version of the data */
                    dataversion: string;
                    /** @description The same on every delivery of this event */
                    id: string;
                    /** @description Events with the same one keep their order */
                    partitionkey: string;
                    /** @description The position in the log of the sender */
                    sequence: string;
                    source: string;
                    /** @constant */
                    specversion: "1.0";
                    /** @description What the event is about */
                    subject: string;
                    /** Format: date-time */
                    time: string;
                    /** @description The trace in which the event occurred */
                    traceid?: string;
                    /** @constant */
                    type: "payment.refunded";
                };
            };
        };
        responses: {
            /** @description Taken in; anything else is sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "events.payments.trigger.completed": {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    data: {
                        failureCode?: string;
                        failureReason?: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                        /** @enum {string} */
                        status: "completed" | "failed";
                    };
                    /** @constant */
                    datacontenttype: "application/json";
                    /** @description The version of the data */
                    dataversion: string;
                    /** @description The same on every delivery of this event */
                    id: string;
                    /** @description Events with the same one keep their order */
                    partitionkey: string;
                    /** @description The position in the log of the sender */
                    sequence: string;
                    source: string;
                    /** @constant */
                    specversion: "1.0";
                    /** @description What the event is about */
                    subject: string;
                    /** Format: date-time */
                    time: string;
                    /** @description The trace in which the event occurred */
                    traceid?: string;
                    /** @constant */
                    type: "payments.trigger.completed";
                };
            };
        };
        responses: {
            /** @description Taken in; anything else is sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "events.payments.trigger.paid-after-cancel": {
        parameters: {
            query?: never;
            header: {
                /** @description `t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<raw body>` */
                "Orderloom-Signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    data: {
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        paymentId: string;
                    };
                    /** @constant */
                    datacontenttype: "application/json";
                    /** @description The version of the data */
                    dataversion: string;
                    /** @description The same on every delivery of this event */
                    id: string;
                    /** @description Events with the same one keep their order */
                    partitionkey: string;
                    /** @description The position in the log of the sender */
                    sequence: string;
                    source: string;
                    /** @constant */
                    specversion: "1.0";
                    /** @description What the event is about */
                    subject: string;
                    /** Format: date-time */
                    time: string;
                    /** @description The trace in which the event occurred */
                    traceid?: string;
                    /** @constant */
                    type: "payments.trigger.paid-after-cancel";
                };
            };
        };
        responses: {
            /** @description Taken in; anything else is sent again */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
