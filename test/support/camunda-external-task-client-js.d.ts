/** What the tests use of the external task client of Camunda 7; it brings no types. */
declare module 'camunda-external-task-client-js' {
  /** A task as it is handed to a handler. */
  export interface LockedTask {
    readonly id: string;
    readonly topicName: string;
    readonly businessKey: string | null;
    readonly retries: number | null;
    readonly lockExpirationTime: string;
    readonly variables: Variables;
  }
  export interface TaskService {
    complete(task: LockedTask, process?: Variables, local?: Variables): Promise<void>;
    handleFailure(
      task: LockedTask,
      options: {
        errorMessage: string;
        errorDetails?: string;
        retries: number;
        retryTimeout: number;
      },
    ): Promise<void>;
    handleBpmnError(
      task: LockedTask,
      code: string,
      message?: string,
      variables?: Variables,
    ): Promise<void>;
    extendLock(task: LockedTask, newDuration: number): Promise<void>;
  }
  export class Variables {
    get(name: string): unknown;
    set(name: string, value: unknown): Variables;
  }
  export class Client {
    constructor(options: {
      baseUrl: string;
      workerId: string;
      maxTasks: number;
      lockDuration: number;
      asyncResponseTimeout: number;
      interval: number;
      interceptors?: (request: object) => object;
    });
    subscribe(
      topic: string,
      handler: (work: { task: LockedTask; taskService: TaskService }) => Promise<void>,
    ): void;
    on(event: string, listener: (...facts: never[]) => void): void;
  }
}
