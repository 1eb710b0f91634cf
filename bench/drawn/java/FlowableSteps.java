import org.flowable.common.engine.api.delegate.event.AbstractFlowableEventListener;
import org.flowable.common.engine.api.delegate.event.FlowableEngineEventType;
import org.flowable.common.engine.api.delegate.event.FlowableEvent;
import org.flowable.common.engine.impl.cfg.TransactionState;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.delegate.DelegateExecution;
import org.flowable.engine.delegate.JavaDelegate;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;

/** The ten steps on Flowable: each asynchronous, so that each is a transaction of its own. */
public final class FlowableSteps extends ClosedLoop {
  private final ProcessEngine engine;

  private FlowableSteps(String jdbcUrl) {
    StandaloneProcessEngineConfiguration settings = new StandaloneProcessEngineConfiguration();
    settings.setJdbcUrl(jdbcUrl);
    settings.setJdbcDriver("org.postgresql.Driver");
    settings.setJdbcMaxActiveConnections(TenSteps.CONNECTIONS);
    settings.setJdbcMaxIdleConnections(TenSteps.CONNECTIONS);
    settings.setDatabaseSchemaUpdate("true");
    settings.setAsyncExecutorActivate(true);
    settings.setAsyncExecutorCorePoolSize(TenSteps.WORKERS);
    settings.setAsyncExecutorMaxPoolSize(TenSteps.WORKERS);
    engine = settings.buildProcessEngine();
    engine.getRuntimeService().addEventListener(new Ends(), FlowableEngineEventType.PROCESS_COMPLETED);
    String drawing = TenSteps.drawing(
        "xmlns:flowable='http://flowable.org/bpmn'",
        "",
        "",
        "flowable:async='true' flowable:class='FlowableSteps$Step'");
    engine.getRepositoryService().createDeployment()
        .addString("steps.bpmn20.xml", drawing).deploy();
  }

  @Override
  void startInstance() {
    engine.getRuntimeService().startProcessInstanceByKey(TenSteps.PROCESS, TenSteps.ORDER);
  }

  /** A step: keeps its small output, as the others do. */
  public static final class Step implements JavaDelegate {
    @Override
    public void execute(DelegateExecution execution) {
      steps.incrementAndGet();
      execution.setVariable(execution.getCurrentActivityId(), 1);
    }
  }

  private static final class Ends extends AbstractFlowableEventListener {
    Ends() {
      setOnTransaction(TransactionState.COMMITTED.name());
    }

    @Override
    public void onEvent(FlowableEvent event) {
      instanceEnded();
    }

    @Override
    public boolean isFailOnException() {
      return true;
    }

    @Override
    public boolean isFireOnTransactionLifecycleEvent() {
      return true;
    }
  }

  public static void main(String[] args) throws Exception {
    new FlowableSteps(args[0]).measure(args);
  }
}
