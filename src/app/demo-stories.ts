/**
 * The three stories of the reference, as data: what is ordered, what the world then does when the
 * process waits for it, and how it ends.
 */

/** Something the world does once the process waits for it. */
export interface Act {
  /** The element of the process that waits for this. */
  readonly when: string;
  /** What happens, for the person who watches. */
  readonly says: string;
  /** Sent with the order's id added to the body. */
  readonly sends:
    | { readonly webhook: string; readonly body: Readonly<Record<string, unknown>> }
    | { readonly post: string; readonly body: Readonly<Record<string, unknown>> };
}

/** One order from its beginning to its end. */
export interface Story {
  readonly title: string;
  readonly order: Readonly<Record<string, unknown>>;
  readonly acts: readonly Act[];
  readonly ends: { readonly status: string; readonly completed: boolean };
}

const paid: Act = {
  when: 'wait-payment',
  says: 'The payment gateway reports that the customer has paid',
  sends: { webhook: 'payment', body: { status: 'completed' } },
};
const delivered: Act = {
  when: 'wait-delivery',
  says: 'The courier reports that the parcel is there',
  sends: { webhook: 'delivery', body: { status: 'delivered' } },
};

/** The stories in the order in which they are told. */
export const stories: readonly Story[] = [
  {
    title: 'an ordinary order is paid and delivered',
    order: { items: [{ productId: 'prod-100', quantity: 1 }], total: 100 },
    acts: [paid, delivered],
    ends: { status: 'delivered', completed: true },
  },
  {
    title: 'a risky order waits for a manager',
    order: {
      items: [{ productId: 'prod-roaster-60', quantity: 1 }],
      total: 50_000,
      newCustomer: true,
    },
    acts: [
      {
        when: 'wait-approval',
        says: 'A manager looks at it and approves',
        sends: { post: '/orders/approve', body: { approved: true } },
      },
      paid,
      delivered,
    ],
    ends: { status: 'delivered', completed: true },
  },
  {
    title: 'a payment fails: stock is released, the order is cancelled, the customer is told',
    order: { items: [{ productId: 'prod-100', quantity: 1 }], total: 100 },
    acts: [
      {
        when: 'wait-payment',
        says: 'The payment gateway reports that the payment failed',
        sends: { webhook: 'payment', body: { status: 'failed' } },
      },
    ],
    ends: { status: 'cancelled', completed: false },
  },
];
