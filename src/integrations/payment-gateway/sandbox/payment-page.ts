/**
 * The hosted page of the payment gateway's sandbox: shows what is to be paid, and the sandbox's
 * cards to pay it with. Everything that came from outside is escaped.
 */
import type { components } from '../generated/openapi.ts';
import { sandboxCards } from './cards.ts';

type Session = components['schemas']['Session'];

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; }
  button { display: block; width: 100%; margin: .5rem 0; padding: .6rem; font: inherit; text-align: left; }
</style>
${body}
</html>
`;
}

/** The page of a session; one that cannot be paid any more says so. */
export function paymentPage(session: Session): string {
  const amount = `${session.amount} ${session.currency}`;
  const heading = `<h1>${escaped(amount)}</h1><p>Order ${escaped(session.orderId)}</p>`;
  if (session.status !== 'open') {
    return page('Payment', `${heading}<p role="status">This session is ${session.status}.</p>`);
  }
  const buttons = Object.entries(sandboxCards)
    .filter(([, card]) => !card.behaviour.kind.endsWith('hangs'))
    .map(
      ([token, { brand, last4, label }]) =>
        `<button data-card="${token}">${brand} **** ${last4} (${escaped(label)})</button>`,
    );
  const script = `<script type="module">
for (const button of document.querySelectorAll('button')) {
  button.onclick = async () => {
    for (const other of document.querySelectorAll('button')) other.disabled = true;
    const answer = await fetch(${JSON.stringify(`/sessions/${encodeURIComponent(session.id)}/pay`)}, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cardToken: button.dataset.card }),
    });
    const { status, message } = await answer.json();
    document.querySelector('[role=status]').textContent = message ?? 'Payment ' + status + '.';
  };
}
</script>`;
  return page(
    'Payment',
    `${heading}<p>This is a sandbox: no money moves. Choose a card.</p>${buttons.join('\n')}<p role="status"></p>${script}`,
  );
}

/** The page of a session that does not exist. */
export function unknownSessionPage(): string {
  return page('Payment', '<h1>Unknown session</h1><p>Check the address.</p>');
}
