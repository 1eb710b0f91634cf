// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/inventory/availability": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask whether items could be reserved now
         * @description The answer promises nothing; only inventory.reserve does.
         */
        get: operations["inventory.check-availability"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/expire-reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Free what was reserved too long ago
         * @description Called by a timer. `more` says that another call would find more.
         *
         *     For callers with the role `service` or `operator` or `admin`.
         *
         *     Emits `inventory.released`.
         */
        post: operations["inventory.expire-reservations"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List reservations, newest first
         * @description For callers with the role `service` or `operator` or `admin` or `manager` or `support`.
         */
        get: operations["inventory.list-reservations"];
        put?: never;
        /**
         * Reserve stock for an order
         * @description Reserves all items or none. An order is reserved once: the same items again answer with the reservation that is there.
         *
         *     For callers with the role `service` or `operator` or `admin`.
         *
         *     Emits `inventory.reserved`.
         */
        post: operations["inventory.reserve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/reservations/{orderId}/consume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the reserved goods of an order out of the stock, as shipped
         * @description For callers with the role `service` or `operator` or `admin`.
         *
         *     Emits `inventory.consumed`.
         */
        post: operations["inventory.consume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/reservations/{orderId}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give back what an order has reserved
         * @description Releasing again, or an order without a reservation, changes nothing.
         *
         *     For callers with the role `service` or `operator` or `admin`.
         *
         *     Emits `inventory.released`.
         */
        post: operations["inventory.release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List stock by product
         * @description For callers with the role `service` or `operator` or `admin` or `manager` or `support`.
         */
        get: operations["inventory.list-stock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inventory/stock/{productId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set how many units of a product are on hand
         * @description For callers with the role `service` or `operator` or `admin`.
         */
        put: operations["inventory.set-stock"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "inventory.consumed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reserved stock was shipped */
        post: operations["events.inventory.consumed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "inventory.released": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reserved stock was given back */
        post: operations["events.inventory.released"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "inventory.reserved": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stock was reserved for an order */
        post: operations["events.inventory.reserved"];
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
    "inventory.check-availability": {
        parameters: {
            query: {
                items: {
                    /** @description True: refused when the product has no stock. Otherwise it then needs none */
                    physical?: boolean;
                    /** @example prod-123 */
                    productId: string;
                    quantity: number;
                }[] | string;
            };
            header?: never;
            path?: never;
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
                        available: boolean;
                        items: {
                            /** @description Null: the product needs no stock */
                            available: number | null;
                            productId: string;
                            requested: number;
                            sufficient: boolean;
                        }[];
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
    "inventory.expire-reservations": {
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
                    /** @default 200 */
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
                        more: boolean;
                        orderIds: string[];
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
    "inventory.list-reservations": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Rows per page, 1 to 200 */
                limit?: number;
                orderId?: string;
                productId?: string;
                status?: "held" | "consumed" | "released" | "expired";
            };
            header?: never;
            path?: never;
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
                            can: {
                                action: string;
                                allowed: boolean;
                                reason?: string;
                            }[];
                            endedAt: string | null;
                            /** Format: date-time */
                            expiresAt: string;
                            items: {
                                productId: string;
                                quantity: number;
                            }[];
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            orderId: string;
                            /** Format: date-time */
                            reservedAt: string;
                            /** @enum {string} */
                            status: "held" | "consumed" | "released" | "expired";
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
    "inventory.reserve": {
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
                    /**
                     * @description When it expires by itself
                     * @default 48
                     */
                    holdHours?: number;
                    items: {
                        /** @description True: refused when the product has no stock. Otherwise it then needs none */
                        physical?: boolean;
                        /** @example prod-123 */
                        productId: string;
                        quantity: number;
                    }[];
                    /**
                     * Format: uuid
                     * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                     */
                    orderId: string;
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
                        endedAt: string | null;
                        /** Format: date-time */
                        expiresAt: string;
                        items: {
                            productId: string;
                            quantity: number;
                        }[];
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** Format: date-time */
                        reservedAt: string;
                        /** @enum {string} */
                        status: "held" | "consumed" | "released" | "expired";
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
            /**
             * @description `INSUFFICIENT_STOCK`: There is not enough stock.
             *
             *     `PRODUCT_NOT_STOCKED`: A physical product has no stock.
             *
             *     `RESERVATION_MISMATCH`: The order has a reservation for other items.
             *
             *     `RESERVATION_ENDED`: The reservation of the order was released or has expired.
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
                        code?: "INSUFFICIENT_STOCK" | "PRODUCT_NOT_STOCKED" | "RESERVATION_MISMATCH" | "RESERVATION_ENDED" | "IDEMPOTENCY_IN_FLIGHT";
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
    "inventory.consume": {
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
                        endedAt: string | null;
                        /** Format: date-time */
                        expiresAt: string;
                        items: {
                            productId: string;
                            quantity: number;
                        }[];
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** Format: date-time */
                        reservedAt: string;
                        /** @enum {string} */
                        status: "held" | "consumed" | "released" | "expired";
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
            /** @description `RESERVATION_NOT_FOUND`: The order has no reservation. */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "RESERVATION_NOT_FOUND";
                    };
                };
            };
            /**
             * @description `RESERVATION_ENDED`: The reservation of the order was released or has expired.
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
                        code?: "RESERVATION_ENDED" | "IDEMPOTENCY_IN_FLIGHT";
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
    "inventory.release": {
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
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        reservation: {
                            endedAt: string | null;
                            /** Format: date-time */
                            expiresAt: string;
                            items: {
                                productId: string;
                                quantity: number;
                            }[];
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            orderId: string;
                            /** Format: date-time */
                            reservedAt: string;
                            /** @enum {string} */
                            status: "held" | "consumed" | "released" | "expired";
                        } | null;
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
            /**
             * @description `RESERVATION_CONSUMED`: The reserved goods were shipped already.
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
                        code?: "RESERVATION_CONSUMED" | "IDEMPOTENCY_IN_FLIGHT";
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
    "inventory.list-stock": {
        parameters: {
            query?: {
                /** @description Only products with fewer free units than this */
                availableBelow?: number;
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Rows per page, 1 to 200 */
                limit?: number;
            };
            header?: never;
            path?: never;
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
                            available: number;
                            can: {
                                action: string;
                                allowed: boolean;
                                reason?: string;
                            }[];
                            onHand: number;
                            productId: string;
                            reserved: number;
                            /** Format: date-time */
                            updatedAt: string;
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
    "inventory.set-stock": {
        parameters: {
            query?: never;
            header?: {
                /** @description A name for this request, chosen by the client. Sent again with the same input within 24 hours, it gets the same answer and acts once; with other input it is refused. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                productId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    onHand: number;
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
                        available: number;
                        onHand: number;
                        productId: string;
                        reserved: number;
                        /** Format: date-time */
                        updatedAt: string;
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
            /**
             * @description `STOCK_BELOW_RESERVED`: The stock cannot be less than what is reserved.
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
                        code?: "STOCK_BELOW_RESERVED" | "IDEMPOTENCY_IN_FLIGHT";
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
    "events.inventory.consumed": {
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
                        /** Format: date-time */
                        consumedAt: string;
                        items: {
                            productId: string;
                            quantity: number;
                        }[];
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
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
                    type: "inventory.consumed";
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
    "events.inventory.released": {
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
                        items: {
                            productId: string;
                            quantity: number;
                        }[];
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** @enum {string} */
                        reason: "released" | "expired";
                        /** Format: date-time */
                        releasedAt: string;
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
                    type: "inventory.released";
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
    "events.inventory.reserved": {
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
                        /** Format: date-time */
                        expiresAt: string;
                        items: {
                            productId: string;
                            quantity: number;
                        }[];
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /** Format: date-time */
                        reservedAt: string;
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
                    type: "inventory.reserved";
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
