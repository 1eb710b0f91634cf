// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an order
         * @description Buyers see their own orders, staff see all.
         *
         *     Where it finds nothing, `billing-orders.get` is asked by those who may.
         */
        get: operations["orders.get"];
        put?: never;
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
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "orders.get": {
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
                        /** @enum {string} */
                        approval: "unknown" | "not_required" | "pending" | "approved" | "rejected";
                        approvalReason: string | null;
                        billingAddress: {
                            city: string;
                            /** @example US */
                            country: string;
                            /** @description Street and number */
                            line1: string;
                            line2?: string;
                            /** @description Who receives */
                            name?: string;
                            phone?: string;
                            postalCode: string;
                            /** @description State, province or region */
                            state?: string;
                        } | null;
                        can: {
                            action: string;
                            allowed: boolean;
                            reason?: string;
                        }[];
                        cancelledAt: string | null;
                        cancelReason: string | null;
                        completedAt: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @example USD */
                        currency: string;
                        /** @description Who approved or rejected */
                        decidedBy: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        id: string;
                        items: {
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            id: string;
                            /**
                             * Format: uuid
                             * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                             */
                            orderId: string;
                            price: number;
                            productId: string;
                            productName: string;
                            quantity: number;
                            subtotal: number;
                        }[];
                        /** @description The hint given with the order */
                        newCustomer: boolean;
                        /** @description The payment that confirmed it */
                        paymentId: string | null;
                        /** @description True when it holds a physical product */
                        requiresShipping: boolean;
                        /** @description Null until it was calculated */
                        risk: {
                            factors: {
                                explanation: string;
                                name: string;
                                points: number;
                            }[];
                            /**
                             * @description high: above 70, a person has to approve
                             * @enum {string}
                             */
                            level: "low" | "medium" | "high";
                            score: number;
                        } | null;
                        shippingAddress: {
                            city: string;
                            /** @example US */
                            country: string;
                            /** @description Street and number */
                            line1: string;
                            line2?: string;
                            /** @description Who receives */
                            name?: string;
                            phone?: string;
                            postalCode: string;
                            /** @description State, province or region */
                            state?: string;
                        } | null;
                        /** @enum {string} */
                        status: "pending" | "payment_failed" | "confirmed" | "shipped" | "delivered" | "returned" | "cancelled" | "refunded";
                        /** @example 99.98 */
                        totalAmount: number;
                        trackingNumber: string | null;
                        /** Format: date-time */
                        updatedAt: string;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        userId: string;
                    } | {
                        /** @description Null until the order is loaded, if nobody said */
                        accountId: string | null;
                        amdocsAccountRef: string | null;
                        amdocsOrderRef: string | null;
                        billing: {
                            monthlyCharges: number;
                            /** @description Zero or less */
                            promotionalCredit: number;
                            totalDue: number;
                        } | null;
                        can: {
                            action: string;
                            allowed: boolean;
                            reason?: string;
                        }[];
                        completedAt: string | null;
                        /** Format: date-time */
                        createdAt: string;
                        /** @enum {string} */
                        currentStep: "START" | "LOAD_ORDER" | "CREATE_ACCOUNT" | "EVALUATE_CHANGE" | "APPLY_PROMOTIONS" | "ACTIVATE_LINE" | "APPLY_CHANGE" | "TAKE_PAYMENT" | "CREATE_BILLER_ORDER" | "SUBMIT_BILLING_ORDER" | "AWAIT_WRITEBACK" | "SYNC_ORDER" | "DONE";
                        customerId: string | null;
                        error: {
                            code: string;
                            message: string;
                        } | null;
                        fulfillmentOrderId: string | null;
                        /**
                         * Format: uuid
                         * @example 01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11
                         */
                        id: string;
                        /** @enum {string} */
                        network: "cloud" | "comcast";
                        orderId: string;
                        /** @description The order that a change is for */
                        originalOrderId: string | null;
                        processDefinitionId: string | null;
                        processInstanceId: string | null;
                        progress: number;
                        provisionId: string | null;
                        shipmentId: string | null;
                        /** @enum {string} */
                        status: "CREATED" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLING" | "CANCELLED";
                        steps: {
                            completedAt: string | null;
                            /** Format: date-time */
                            startedAt: string;
                            /** @enum {string} */
                            step: "START" | "LOAD_ORDER" | "CREATE_ACCOUNT" | "EVALUATE_CHANGE" | "APPLY_PROMOTIONS" | "ACTIVATE_LINE" | "APPLY_CHANGE" | "TAKE_PAYMENT" | "CREATE_BILLER_ORDER" | "SUBMIT_BILLING_ORDER" | "AWAIT_WRITEBACK" | "SYNC_ORDER" | "DONE";
                        }[];
                        traceId: string;
                        /** @enum {string} */
                        type: "CREATE" | "CHANGE";
                        /** Format: date-time */
                        updatedAt: string;
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
            /** @description `ORDER_FORBIDDEN`: Only the buyer and staff may do this with an order */
            403: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ORDER_FORBIDDEN";
                    };
                };
            };
            /**
             * @description `ORDER_NOT_FOUND`: There is no such order
             *
             *     `BILLING_ORDER_NOT_FOUND`: There is no such billing order
             */
            404: {
                headers: {
                    /** @description The trace to ask about */
                    "X-Trace-ID"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"] & {
                        /** @enum {string} */
                        code?: "ORDER_NOT_FOUND" | "BILLING_ORDER_NOT_FOUND";
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
}
