/** Forms with files, as tools send them that deploy. The body is bounded before it comes here. */
import { mostDeployedFiles } from '../engine/index.ts';
import { invalid } from './rest-error.ts';

/** Parts of one form: as many files as can be deployed together, and what is said about them. */
const mostParts = mostDeployedFiles + 10;

/** The parts of a body of type `multipart/form-data`. */
export async function readForm(body: Buffer<ArrayBuffer>, type: string): Promise<FormData> {
  let form: FormData;
  try {
    form = await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw invalid('expected a body of type multipart/form-data, found one that cannot be read');
  }
  const parts = [...form.keys()].length;
  if (parts <= mostParts) return form;
  throw invalid(`expected at most ${mostParts} parts in the form, found ${parts}`);
}
