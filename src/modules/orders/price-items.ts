/**
 * Prices the lines of a new order from the catalog. What the caller says of prices, total and currency
 * is only compared: a difference is refused with both figures, never silently taken or corrected.
 */
import { type FieldIssue, type Refusal, refuse } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import {
  add,
  type Currency,
  equals,
  formatMoney,
  type Money,
  parseMoney,
  times,
  toDecimal,
  toWire,
  zero,
} from '../../kernel/money.ts';
import {
  currencyNotSupported,
  priceMismatch,
  totalMismatch,
  totalOutOfRange,
  unknownProduct,
} from './errors.ts';
import type { OrderItem } from './order.ts';
import type { CatalogProduct } from './ports.ts';

/** A line as it was asked for. */
export interface RequestedItem {
  readonly productId: string;
  readonly quantity: number;
  readonly price?: number | string | undefined;
}

/** What was asked for. */
export interface PricingRequest {
  readonly items: readonly RequestedItem[];
  readonly total?: number | string | undefined;
  readonly totalAmount?: number | string | undefined;
  readonly currency?: Currency | undefined;
}

/** Lines that are all sold in one currency, with their exact sum. */
export interface PricedItems {
  readonly items: readonly OrderItem[];
  readonly total: Money;
  /** True when something has to be carried to the customer. */
  readonly requiresShipping: boolean;
}

type PricingCode =
  | 'UNKNOWN_PRODUCT'
  | 'CURRENCY_NOT_SUPPORTED'
  | 'PRICE_MISMATCH'
  | 'TOTAL_MISMATCH'
  | 'TOTAL_OUT_OF_RANGE';

interface Line {
  readonly requested: RequestedItem;
  readonly product: CatalogProduct;
}

/** A total of 10^12 major units would not fit the contract's twelve digits before the point. */
const largestMajor = 10n ** 12n;

/** The lines with the catalog's prices and their sum, or the first kind of thing that is wrong. */
export function priceItems(
  request: PricingRequest,
  products: readonly CatalogProduct[],
): PricedItems | Refusal<PricingCode> {
  const lines = matchProducts(request.items, products);
  if (!Array.isArray(lines)) return lines as Refusal<PricingCode>;
  const [first] = lines as readonly Line[];
  const currency = request.currency ?? first!.product.price.currency;
  const total = sumOf(lines, currency);
  return (
    checkCurrency(lines, currency) ??
    checkPrices(lines) ??
    checkTotal(request, total ?? zero(currency)) ??
    checkRange(total ?? zero(currency)) ?? {
      items: lines.map(toItem),
      total: total ?? zero(currency),
      requiresShipping: lines.some((line: Line) => line.product.physical),
    }
  );
}

function toItem({ requested, product }: Line): OrderItem {
  return {
    id: newId(),
    productId: product.id,
    productName: product.name,
    quantity: requested.quantity,
    price: product.price,
    subtotal: times(product.price, requested.quantity),
  };
}

/** The sum, or null while the currencies of the lines differ. */
function sumOf(lines: readonly Line[], currency: Currency): Money | null {
  let total = zero(currency);
  for (const { requested, product } of lines) {
    if (product.price.currency !== currency) return null;
    total = add(total, times(product.price, requested.quantity));
  }
  return total;
}

function matchProducts(
  items: readonly RequestedItem[],
  products: readonly CatalogProduct[],
): readonly Line[] | Refusal<'UNKNOWN_PRODUCT'> {
  const byId = new Map(products.map((product) => [product.id, product]));
  const lines: Line[] = [];
  const issues: FieldIssue[] = [];
  for (const [index, requested] of items.entries()) {
    const product = byId.get(requested.productId);
    if (product?.active) lines.push({ requested, product });
    else
      issues.push({
        pointer: `/items/${index}/productId`,
        expected: 'the id of a product that is sold',
        found: requested.productId,
        message: product ? 'The product is no longer sold.' : 'There is no such product.',
      });
  }
  if (issues.length === 0) return lines;
  const ids = issues.map((issue) => issue.found).join(', ');
  return refuse(
    unknownProduct,
    `Expected products that are sold, found ${ids}. Choose from the product list.`,
    { issues },
  );
}

function checkCurrency(
  lines: readonly Line[],
  currency: Currency,
): Refusal<'CURRENCY_NOT_SUPPORTED'> | undefined {
  const issues = lines.flatMap(({ product }, index): FieldIssue[] =>
    product.price.currency === currency
      ? []
      : [
          {
            pointer: `/items/${index}/productId`,
            expected: `a product sold in ${currency}`,
            found: `${product.id}, sold in ${product.price.currency}`,
            message: `${product.name} is sold in ${product.price.currency}.`,
          },
        ],
  );
  if (issues.length === 0) return undefined;
  const sold = [...new Set(lines.map(({ product }) => product.price.currency))];
  return refuse(
    currencyNotSupported,
    `Expected all products to be sold in ${currency}, found ${sold.join(', ')}. ` +
      'Order in the currency of the products, one order for each currency.',
    { issues, data: { requestedCurrency: currency, productCurrencies: sold } },
  );
}

function checkPrices(lines: readonly Line[]): Refusal<'PRICE_MISMATCH'> | undefined {
  const issues = lines.flatMap(({ requested, product }, index): FieldIssue[] => {
    if (requested.price === undefined) return [];
    const claimed = parseMoney(requested.price, product.price.currency);
    if (claimed && equals(claimed, product.price)) return [];
    return [
      {
        pointer: `/items/${index}/price`,
        expected: toDecimal(product.price),
        found: String(requested.price),
        message: `${product.name} costs ${formatMoney(product.price)}.`,
      },
    ];
  });
  const [first] = issues;
  if (!first) return undefined;
  return refuse(
    priceMismatch,
    `Expected the catalog's price ${first.expected}, found ${first.found}. ` +
      'Show the new price to the customer, or leave the price out.',
    { issues },
  );
}

function checkTotal(request: PricingRequest, total: Money): Refusal<'TOTAL_MISMATCH'> | undefined {
  const issues = (['total', 'totalAmount'] as const).flatMap((field): FieldIssue[] => {
    const given = request[field];
    if (given === undefined) return [];
    const claimed = parseMoney(given, total.currency);
    if (claimed && equals(claimed, total)) return [];
    return [
      {
        pointer: `/${field}`,
        expected: toDecimal(total),
        found: String(given),
        message: `The catalog prices add up to ${formatMoney(total)}.`,
      },
    ];
  });
  const [first] = issues;
  if (!first) return undefined;
  return refuse(
    totalMismatch,
    `Expected the total ${first.expected} ${total.currency} of the catalog's prices, ` +
      `found ${first.found}. Show the new total to the customer, or leave it out.`,
    { issues, data: { expectedTotal: toWire(total), foundTotal: Number(first.found) } },
  );
}

function checkRange(total: Money): Refusal<'TOTAL_OUT_OF_RANGE'> | undefined {
  const whole = BigInt(toDecimal(total).split('.')[0]!);
  if (total.minor > 0n && whole < largestMajor) return undefined;
  return refuse(
    totalOutOfRange,
    `Expected a total above zero and of at most twelve digits, found ${formatMoney(total)}. ` +
      'Order less, or something that has a price.',
    { data: { total: toDecimal(total) } },
  );
}
