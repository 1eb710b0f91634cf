/** The public face of order-service: its operations as procedures and its events, from its OpenAPI document. */
export * from './generated/service.ts';
