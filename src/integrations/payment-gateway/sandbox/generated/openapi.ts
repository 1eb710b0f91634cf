// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/pay/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The hosted page on which a customer pays, with the sandbox's cards to choose from */
        get: operations["showPaymentPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/charges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every charge and refund that was made, oldest first */
        get: operations["inspectCharges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every session, oldest first */
        get: operations["inspectSessions"];
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
        Amount: number;
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
        /** @enum {string} */
        PaymentMethod: "credit_card" | "debit_card" | "paypal" | "bank_transfer" | "apple_pay" | "google_pay";
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
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    showPaymentPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description There is no such session */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
        };
    };
    inspectCharges: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Charges and refunds */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        charges: components["schemas"]["Charge"][];
                        refunds: components["schemas"]["Refund"][];
                    };
                };
            };
        };
    };
    inspectSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: components["schemas"]["Session"][];
                    };
                };
            };
        };
    };
}
