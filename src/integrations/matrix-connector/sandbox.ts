/** The sandbox of the billing matrix: a few plans, one of which is no longer sold, and a few promotions. */
import type { Handlers } from '../sandbox/contract-server.ts';
import { notThere, type RecordPlay, type RecordTools } from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Row = components['schemas']['MatrixRow'];

const plans: ReadonlyMap<string, { readonly monthlyCharge: number; readonly sold: boolean }> =
  new Map([
    ['UNLIMITED_DATA', { monthlyCharge: 75, sold: true }],
    ['UNLIMITED_PLUS', { monthlyCharge: 90, sold: true }],
    ['BY_THE_GIG', { monthlyCharge: 30, sold: true }],
    ['LEGACY_3G', { monthlyCharge: 20, sold: false }],
  ]);
const promotions: ReadonlyMap<string, { readonly discount: number; readonly plans: RegExp }> =
  new Map([
    ['SUMMER2025', { discount: 15, plans: /^UNLIMITED/ }],
    ['WELCOME5', { discount: 5, plans: /./ }],
  ]);

function handlers(_: RecordTools): Handlers<operations> {
  return {
    queryBillingMatrix({ query: { plan, promoCode } }) {
      const known = plans.get(plan);
      if (!known) return notThere(`expected a plan of the matrix, found ${plan}`);
      const { monthlyCharge, sold } = known;
      const row: Row = {
        ...{ plan, monthlyCharge, eligible: sold },
        ...(sold ? {} : { reason: 'the plan is no longer sold' }),
      };
      if (promoCode === undefined) return { status: 200, body: row };
      const promotion = promotions.get(promoCode);
      if (!promotion) return notThere(`expected a promotion of the matrix, found ${promoCode}`);
      const fits = promotion.plans.test(plan);
      return {
        status: 200,
        body: {
          ...row,
          promoCode,
          discount: promotion.discount,
          eligible: sold && fits,
          ...(fits ? {} : { reason: `the promotion does not go with ${plan}` }),
        },
      };
    },
  };
}

/** The played system. */
export const matrixConnectorPlay: RecordPlay = {
  name: 'matrix-connector',
  contract,
  kinds: [],
  handlers,
};
