/** The public face of the inventory module. */
export { inventoryConsumed, inventoryReleased, inventoryReserved } from './events.ts';
export { inventoryModule } from './module.ts';
export { demoStock, seedStock } from './seed-stock.ts';
