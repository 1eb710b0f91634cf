/** What the Java classes and beans that models name stand for. */

/** Procedures by class and bean, as a deployment would give them. */
export const delegates: Readonly<Record<string, string>> = {
  'com.acme.Charge': 'payments.create',
  shipping: 'delivery.create',
};
