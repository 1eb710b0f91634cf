import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.delegate.DelegateExecution;
import org.operaton.bpm.engine.delegate.ExecutionListener;
import org.operaton.bpm.engine.delegate.JavaDelegate;
import org.operaton.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;
import org.operaton.bpm.engine.impl.cfg.TransactionState;
import org.operaton.bpm.engine.impl.context.Context;
import org.operaton.bpm.engine.impl.jobexecutor.DefaultJobExecutor;

/** The ten steps on Operaton, the continuation of Camunda 7: a transaction begins before each of them. */
public final class OperatonSteps extends ClosedLoop {
  private final ProcessEngine engine;

  private OperatonSteps(String jdbcUrl) {
    StandaloneProcessEngineConfiguration settings = new StandaloneProcessEngineConfiguration();
    settings.setJdbcUrl(jdbcUrl);
    settings.setJdbcDriver("org.postgresql.Driver");
    settings.setJdbcMaxActiveConnections(TenSteps.CONNECTIONS);
    settings.setJdbcMaxIdleConnections(TenSteps.CONNECTIONS);
    settings.setDatabaseSchemaUpdate("true");
    settings.setHistory("audit");
    DefaultJobExecutor executor = new DefaultJobExecutor();
    executor.setCorePoolSize(TenSteps.WORKERS);
    executor.setMaxPoolSize(TenSteps.WORKERS);
    executor.setQueueSize(200);
    executor.setMaxJobsPerAcquisition(50);
    settings.setJobExecutor(executor);
    settings.setJobExecutorActivate(true);
    engine = settings.buildProcessEngine();
    String drawing = TenSteps.drawing(
        "xmlns:operaton='http://operaton.org/schema/1.0/bpmn'",
        "operaton:historyTimeToLive='P1D'",
        "<extensionElements><operaton:executionListener event='end' class='OperatonSteps$Ends'/></extensionElements>",
        "operaton:asyncBefore='true' operaton:class='OperatonSteps$Step'");
    engine.getRepositoryService().createDeployment()
        .addString("steps.bpmn", drawing).deploy();
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

  /** Tells of an instance whose end is committed. */
  public static final class Ends implements ExecutionListener {
    @Override
    public void notify(DelegateExecution execution) {
      Context.getCommandContext().getTransactionContext()
          .addTransactionListener(TransactionState.COMMITTED, context -> instanceEnded());
    }
  }

  public static void main(String[] args) throws Exception {
    new OperatonSteps(args[0]).measure(args);
  }
}
