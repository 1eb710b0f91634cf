/**
 * The port to the systems that a billing order needs: the biller in its three forms, the four domains
 * of the operator, the billing matrix and the payment service. Nothing in this module knows how they
 * are reached.
 *
 * What every implementation guarantees:
 *
 * - A business no is *returned* as refused, with the system's code. The world failing is *thrown*: a
 *   `RetryableFault` whose `outcomeUnknown` is true when the work may have been done although no
 *   answer came; a `TerminalFault` when another attempt cannot help.
 * - The idempotency key goes out unchanged; the same key acts once and answers the same.
 * - Amounts are in major units of the currency, as on the wire; the module computes with exact money.
 */

/** What every call carries besides its request. */
export interface SystemCall {
  readonly idempotencyKey: string;
  /** Aborts the call; the outcome is then unknown. */
  readonly signal: AbortSignal;
  /** W3C trace context to hand on. */
  readonly traceparent: string;
}

/** What a system did, or its no. */
export type Outcome<Value> =
  | { readonly status: 'done'; readonly value: Value }
  | { readonly status: 'refused'; readonly code: string; readonly message: string };

/** A line as the biller charges it. */
export interface BilledLine {
  readonly mdn: string;
  readonly plan: string;
  readonly monthlyCharge: number;
}

/** A promotion and what it takes off each month. */
export interface BilledPromotion {
  readonly promoCode: string;
  readonly discount: number;
}

/** An account as the biller has it. */
export interface BillerAccount {
  readonly accountId: string;
  readonly customerId: string;
  readonly accountReference: string;
  readonly billingCycle: string;
  readonly status: 'ACTIVE' | 'CLOSED';
}

/** A billing order as the biller has it. */
export interface BillingOrderState {
  readonly orderReference: string;
  readonly orderId: string;
  readonly status: 'SUBMITTED' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  readonly accountReference: string;
  readonly effectiveDate: string;
  readonly reason?: string | undefined;
}

/** What is submitted to the biller. */
export interface SubmittedBillingOrder {
  readonly orderId: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly lineItems: readonly BilledLine[];
  readonly promotions: readonly BilledPromotion[];
}

/** The billing system of record. */
export interface MbosBilling {
  createAccount(
    account: {
      readonly accountId: string;
      readonly customerId: string;
      readonly billingMode: 'MONTHLY';
      readonly billingCycle: string;
    },
    call: SystemCall,
  ): Promise<Outcome<BillerAccount>>;
  getAccount(accountId: string, call: SystemCall): Promise<BillerAccount | null>;
  /** Done, too, when there is no such account. */
  deleteAccount(accountId: string, call: SystemCall): Promise<Outcome<null>>;
  /** Null when there is no such account. */
  getAccountBillingInfo(
    accountId: string,
    call: SystemCall,
  ): Promise<{ readonly monthlyCharges: number; readonly openOrders: number } | null>;
  submitBillingOrder(
    order: SubmittedBillingOrder,
    call: SystemCall,
  ): Promise<Outcome<BillingOrderState>>;
  getOrderStatus(orderId: string, call: SystemCall): Promise<BillingOrderState | null>;
  /** Null when there is no such order. */
  cancelBillingOrder(orderId: string, call: SystemCall): Promise<Outcome<BillingOrderState | null>>;
}

/** The biller's own orders. */
export interface XomsBiller {
  createOrder(
    order: {
      readonly orderId: string;
      readonly accountId: string;
      readonly lineItems: readonly BilledLine[];
    },
    call: SystemCall,
  ): Promise<Outcome<BillerOrder>>;
  getOrder(orderId: string, call: SystemCall): Promise<BillerOrder | null>;
  changeOrder(
    orderId: string,
    change: { readonly changeId: string; readonly lineItems: readonly BilledLine[] },
    call: SystemCall,
  ): Promise<Outcome<BillerOrder>>;
  /** Null when there is no such order. */
  cancelOrder(orderId: string, call: SystemCall): Promise<Outcome<BillerOrder | null>>;
}

/** An order as the biller's own system has it. */
export interface BillerOrder {
  readonly billerOrderId: string;
  readonly orderId: string;
  readonly status: 'OPEN' | 'CANCELLED';
  readonly lineItems: readonly BilledLine[];
  readonly changes: readonly string[];
}

/** An order whose write-back was forced. */
export interface AdapterOrder {
  readonly adapterOrderId: string;
  readonly orderId: string;
  readonly orderReference: string;
  readonly status: 'ACCEPTED' | 'WRITTEN_BACK' | 'FAILED';
  readonly reason?: string | undefined;
}

/** The other way to the biller, for write-backs that do not come. */
export interface XboAdapter {
  submitOrder(
    order: {
      readonly orderId: string;
      readonly accountId: string;
      readonly orderReference: string;
    },
    call: SystemCall,
  ): Promise<Outcome<AdapterOrder>>;
  checkOrderStatus(orderId: string, call: SystemCall): Promise<AdapterOrder | null>;
}

/** A line as the customer ordered it. */
export interface OrderedLine extends BilledLine {
  readonly lineItemId: string;
  readonly imei: string;
  readonly iccid: string;
  readonly deviceModel: string;
  readonly simType: 'eSIM' | 'SIM';
}

/** An order as the operator's domain has it. */
export interface DomainOrder {
  readonly orderId: string;
  readonly orderType: 'CREATE' | 'CHANGE';
  /** The order whose lines a change is for. */
  readonly originalOrderId?: string | undefined;
  readonly accountId: string;
  readonly customerId: string;
  readonly lineItems: readonly OrderedLine[];
  readonly promotions: readonly BilledPromotion[];
  readonly payment: { readonly method: 'CREDIT_CARD' | 'BANK_ACCOUNT'; readonly token: string };
  readonly shipping: { readonly address: string; readonly method: 'STANDARD' | 'OVERNIGHT' };
}

/** The domain of orders. */
export interface MvnoOrders {
  getOrder(orderId: string, call: SystemCall): Promise<DomainOrder | null>;
  updateOrder(
    orderId: string,
    update: {
      readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
      readonly amdocsOrderRef?: string;
      readonly reason?: string;
    },
    call: SystemCall,
  ): Promise<Outcome<null>>;
}

/** A line as the network has it. */
export interface NetworkLine {
  readonly lineId: string;
  readonly orderId: string;
  readonly mdn: string;
  readonly plan: string;
  readonly status: 'PENDING' | 'ACTIVE' | 'CHANGE_PENDING' | 'SUSPENDED' | 'FAILED' | 'DEACTIVATED';
}

/** The domain of lines. */
export interface MvnoLines {
  activateLine(
    lineId: string,
    line: {
      readonly orderId: string;
      readonly accountId: string;
      readonly mdn: string;
      readonly imei: string;
      readonly iccid: string;
      readonly simType: 'eSIM' | 'SIM';
      readonly plan: string;
    },
    call: SystemCall,
  ): Promise<Outcome<NetworkLine>>;
  getLine(lineId: string, call: SystemCall): Promise<NetworkLine | null>;
  /** Null when there is no such line. */
  deactivateLine(lineId: string, call: SystemCall): Promise<Outcome<NetworkLine | null>>;
  updateLineStatus(
    lineId: string,
    status: 'ACTIVE' | 'CHANGE_PENDING' | 'SUSPENDED',
    call: SystemCall,
  ): Promise<Outcome<NetworkLine>>;
}

/** An account as the operator's domain has it. */
export interface DomainAccount {
  readonly accountId: string;
  readonly customerId: string;
  readonly amdocsRef: string;
  readonly status: 'ACTIVE' | 'VOID';
}

/** The domain of accounts. */
export interface MvnoAccounts {
  getAccount(accountId: string, call: SystemCall): Promise<DomainAccount | null>;
  createAccount(
    account: DomainAccount & { readonly status: 'ACTIVE' },
    call: SystemCall,
  ): Promise<Outcome<DomainAccount>>;
  /** Null when there is no such account. */
  updateAccount(
    accountId: string,
    update: { readonly status: 'ACTIVE' | 'VOID'; readonly amdocsRef?: string },
    call: SystemCall,
  ): Promise<Outcome<DomainAccount | null>>;
}

/** The domain of devices. */
export interface MvnoDevices {
  assignDevice(
    imei: string,
    assignment: {
      readonly orderId: string;
      readonly lineId: string;
      readonly accountId: string;
      readonly deviceModel: string;
    },
    call: SystemCall,
  ): Promise<Outcome<null>>;
  /** Done, too, when there is no such device. */
  updateDeviceStatus(
    imei: string,
    status: 'AVAILABLE' | 'BLOCKED',
    call: SystemCall,
  ): Promise<Outcome<null>>;
}

/** A row of the billing matrix. */
export interface MatrixRow {
  readonly plan: string;
  readonly monthlyCharge: number;
  readonly eligible: boolean;
  readonly discount?: number | undefined;
  readonly reason?: string | undefined;
}

/** The billing matrix. */
export interface MatrixConnector {
  /** Null when the matrix has no such plan or promotion. */
  queryBillingMatrix(
    query: { readonly plan: string; readonly promoCode?: string },
    call: SystemCall,
  ): Promise<MatrixRow | null>;
}

/** Money that was taken, or given as a credit. */
export interface AccountPayment {
  readonly paymentId: string;
  readonly reference: string;
  readonly amount: number;
  readonly status: 'PROCESSED' | 'CREDITED' | 'REVERSED';
}

interface Amount {
  /** Ours; the same reference acts once. */
  readonly reference: string;
  readonly orderId: string;
  readonly accountId: string;
  readonly amount: number;
  readonly currency: string;
}

/** The payment service. */
export interface MvnoPayments {
  validatePaymentMethod(
    method: {
      readonly accountId: string;
      readonly method: 'CREDIT_CARD' | 'BANK_ACCOUNT';
      readonly token: string;
    },
    call: SystemCall,
  ): Promise<Outcome<{ readonly valid: boolean; readonly reason?: string | undefined }>>;
  processPayment(
    payment: Amount & { readonly token: string },
    call: SystemCall,
  ): Promise<Outcome<AccountPayment>>;
  applyCredit(
    credit: Amount & { readonly promoCode: string },
    call: SystemCall,
  ): Promise<Outcome<AccountPayment>>;
  getPayment(reference: string, call: SystemCall): Promise<AccountPayment | null>;
  /** Null when there is no such payment. */
  reversalPayment(reference: string, call: SystemCall): Promise<Outcome<AccountPayment | null>>;
}

/** All of them. */
export interface BillingSystems {
  readonly mbos: MbosBilling;
  readonly xoms: XomsBiller;
  readonly xbo: XboAdapter;
  readonly orders: MvnoOrders;
  readonly lines: MvnoLines;
  readonly accounts: MvnoAccounts;
  readonly devices: MvnoDevices;
  readonly matrix: MatrixConnector;
  readonly payments: MvnoPayments;
}
