/** The public face of warehouse: its operations as procedures and its events, from its OpenAPI document. */
export * from './generated/service.ts';
