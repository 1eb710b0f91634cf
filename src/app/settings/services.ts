/** Which part of the program this process is, and the other services that it works with. */
import { z } from 'zod';
import { serviceNames } from '../services/topology.ts';
import { setting } from './setting.ts';
import { byService, url } from './value-shapes.ts';

/** Settings of a program in several services, by environment variable. */
export const services = {
  ORDERLOOM_SERVICE: setting({
    summary: 'Which of the four services this process is: order, payment, warehouse or delivery',
    schema: z
      .enum(serviceNames, { error: `expected one of ${serviceNames.join(', ')}` })
      .optional(),
    otherwise: 'all of them in one program',
  }),
  ORDERLOOM_SERVICE_URLS: setting({
    summary: 'Addresses of other services, as service=URL, separated by commas',
    schema: byService(url('http', 'https')).optional(),
    otherwise: 'none are called',
  }),
  ORDERLOOM_SERVICE_KEYS: setting({
    summary: 'Keys that other services know this one by, as service=key, separated by commas',
    schema: byService(z.string().min(16, 'expected keys of at least 16 characters')).optional(),
    secret: true,
    otherwise: 'calls carry none',
  }),
  ORDERLOOM_SERVICE_SECRETS: setting({
    summary: 'Secrets that events from and to other services are signed with, as service=secret',
    schema: byService(z.string().min(16, 'expected secrets of at least 16 characters')).optional(),
    secret: true,
    otherwise: 'no events are taken in or sent',
  }),
} as const;
