// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/delivery/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show where the shipment of an order is */
        get: operations["delivery.get-status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/delivery/orders/{orderId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a shipment back before pick-up
         * @description Where there is no shipment, nothing happens.
         *
         *     For callers with the role `service` or `admin` or `manager` or `operator`.
         */
        post: operations["delivery.cancel-shipment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/delivery/shipments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List shipments, newest first
         * @description For callers with the role `admin` or `manager` or `support` or `operator` or `service`.
         */
        get: operations["delivery.list"];
        put?: never;
        /**
         * Have an order carried
         * @description An order has one shipment: asking again gives the same one.
         *
         *     For callers with the role `service` or `admin` or `operator`.
         */
        post: operations["delivery.create-shipment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/delivery/shipments/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the courier about parcels that nothing was heard of
         * @description For callbacks that never come. Runs by itself now and then; what it learns is taken in like a callback.
         *
         *     For callers with the role `service` or `admin` or `operator`.
         *
         *     Emits `delivery.trigger.status-updated`.
         */
        post: operations["delivery.check-shipments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "delivery.trigger.status-updated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Trigger: a shipment moved on */
        post: operations["events.delivery.trigger.status-updated"];
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
    "delivery.get-status": {
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
            /** @description Done */
            200: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        can: {
                            action: string;
                            allowed: boolean;
                            reason?: string;
                        }[];
                        /** Format: date-time */
                        createdAt: string;
                        deliveredAt: string | null;
                        detail: string | null;
                        estimatedDeliveryAt: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        shipmentId: string;
                        /** @enum {string} */
                        status: "requested" | "created" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled";
                        trackingNumber: string | null;
                        trackingUrl: string | null;
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
            /** @description `SHIPMENT_FORBIDDEN`: Only the buyer and staff see a shipment */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SHIPMENT_FORBIDDEN";
                    };
                };
            };
            /** @description `SHIPMENT_NOT_FOUND`: There is no such shipment */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "SHIPMENT_NOT_FOUND";
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
    "delivery.cancel-shipment": {
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
                        shipmentId: string | null;
                        /** @description Null when there is no shipment */
                        status: ("requested" | "created" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled") | null;
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
             * @description `SHIPMENT_ALREADY_PICKED_UP`: A parcel that the courier has cannot be cancelled
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
                        code?: "SHIPMENT_ALREADY_PICKED_UP" | "IDEMPOTENCY_IN_FLIGHT";
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
    "delivery.list": {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before */
                cursor?: string;
                /** @description Rows per page, 1 to 200 */
                limit?: number;
                status?: "requested" | "created" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled";
                userId?: string;
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
                            /** Format: date-time */
                            createdAt: string;
                            deliveredAt: string | null;
                            detail: string | null;
                            estimatedDeliveryAt: string | null;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            orderId: string;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            shipmentId: string;
                            /** @enum {string} */
                            status: "requested" | "created" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled";
                            trackingNumber: string | null;
                            trackingUrl: string | null;
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
    "delivery.create-shipment": {
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
                    address: {
                        city: string;
                        country: string;
                        line1: string;
                        line2?: string | null;
                        name?: string | null;
                        phone?: string | null;
                        postalCode: string;
                        state?: string | null;
                    };
                    /** @default [] */
                    items?: {
                        productId: string;
                        productName: string;
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
                        /** Format: date-time */
                        createdAt: string;
                        deliveredAt: string | null;
                        detail: string | null;
                        estimatedDeliveryAt: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        shipmentId: string;
                        /** @enum {string} */
                        status: "requested" | "created" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled";
                        trackingNumber: string | null;
                        trackingUrl: string | null;
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
            /** @description `DELIVERY_ORDER_UNKNOWN`: The order of the shipment does not exist */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "DELIVERY_ORDER_UNKNOWN";
                    };
                };
            };
            /**
             * @description `SHIPMENT_CANCELLED`: The shipment was cancelled
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
                        code?: "SHIPMENT_CANCELLED" | "IDEMPOTENCY_IN_FLIGHT";
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
             * @description `SHIPMENT_REFUSED`: The courier does not take the parcel
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
                        code?: "SHIPMENT_REFUSED" | "IDEMPOTENCY_KEY_REUSED";
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
    "delivery.check-shipments": {
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
                        /** @description Shipments that the answer moved on */
                        moved: number;
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
    "events.delivery.trigger.status-updated": {
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
                        detail?: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        orderId: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        shipmentId: string;
                        /** @enum {string} */
                        status: "in_transit" | "out_for_delivery" | "delivered" | "failed";
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
                    type: "delivery.trigger.status-updated";
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
