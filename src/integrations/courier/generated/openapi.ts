// Generated from ../openapi.yaml by `npm run generate:clients`; not to be edited.

export interface paths {
    "/shipments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find shipments */
        get: operations["listShipments"];
        put?: never;
        /** Book the carriage of one parcel */
        post: operations["createShipment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shipments/{shipmentId}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                shipmentId: components["parameters"]["ShipmentId"];
            };
            cookie?: never;
        };
        /** Look up a shipment */
        get: operations["getShipment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/shipments/{shipmentId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                shipmentId: components["parameters"]["ShipmentId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a shipment before it is picked up */
        post: operations["cancelShipment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    trackingUpdate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A parcel has moved
         * @description Sent at least once, until the receiver answers 2xx, with a growing pause between attempts. Repeats carry the same `eventId`.
         */
        post: operations["trackingUpdate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Address: {
            city: string;
            country: string;
            line1: string;
            line2?: string | null;
            name?: string | null;
            phone?: string | null;
            postalCode: string;
            state?: string | null;
        };
        Item: {
            description: string;
            quantity: number;
            sku: string;
        };
        NewShipment: {
            address: components["schemas"]["Address"];
            items: components["schemas"]["Item"][];
            orderId: string;
            /** @description The sender's own id of this shipment; comes back in webhooks */
            reference: string;
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
        TrackingUpdate: {
            /** Format: date-time */
            at: string;
            detail?: string;
            eventId: string;
            orderId: string;
            /** @description The sender's own id of the shipment */
            reference: string;
            /** @description The courier's own id of the shipment */
            shipmentId: string;
            /** @enum {string} */
            status: "in_transit" | "out_for_delivery" | "delivered" | "failed";
            trackingNumber: string;
        };
    };
    responses: {
        /** @description The request does not fit this document */
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
        IdempotencyKey: string;
        ShipmentId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listShipments: {
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
            /** @description The shipments that fit, oldest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Shipment"][];
                    };
                };
            };
            401: components["responses"]["Unauthorized"];
        };
    };
    createShipment: {
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
                "application/json": components["schemas"]["NewShipment"];
            };
        };
        responses: {
            /** @description The shipment */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shipment"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthorized"];
            /** @description The key was used for another request, `IDEMPOTENCY_KEY_REUSED` */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Problem"];
                };
            };
            /** @description The courier does not serve this address, `ADDRESS_NOT_SERVED` */
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
    getShipment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                shipmentId: components["parameters"]["ShipmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shipment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shipment"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
        };
    };
    cancelShipment: {
        parameters: {
            query?: never;
            header: {
                "Idempotency-Key": components["parameters"]["IdempotencyKey"];
            };
            path: {
                shipmentId: components["parameters"]["ShipmentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The shipment, cancelled; now or earlier */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shipment"];
                };
            };
            401: components["responses"]["Unauthorized"];
            404: components["responses"]["NotFound"];
            /** @description Too late, `ALREADY_PICKED_UP` */
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
    trackingUpdate: {
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
                "application/json": components["schemas"]["TrackingUpdate"];
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
