// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/sandbox/shipments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every shipment, oldest first */
        get: operations["inspectShipments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/shipments/{shipmentId}/advance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a parcel, as the courier's people would; its tracking webhook goes out */
        post: operations["advanceShipment"];
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
        Shipment: {
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            estimatedDeliveryAt: string;
            id: string;
            orderId: string;
            reference: string;
            status: components["schemas"]["ShipmentStatus"];
            trackingNumber: string;
            /** Format: uri */
            trackingUrl: string | null;
            /** Format: date-time */
            updatedAt: string;
        };
        /** @enum {string} */
        ShipmentStatus: "booked" | "in_transit" | "out_for_delivery" | "delivered" | "failed" | "cancelled";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    inspectShipments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Shipments */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        shipments: components["schemas"]["Shipment"][];
                    };
                };
            };
        };
    };
    advanceShipment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                shipmentId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    detail?: string;
                    /** @enum {string} */
                    status: "in_transit" | "out_for_delivery" | "delivered" | "failed";
                };
            };
        };
        responses: {
            /** @description The shipment as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shipment"];
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
            /** @description There is no such shipment */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description A shipment that has ended does not move, `SHIPMENT_ENDED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
