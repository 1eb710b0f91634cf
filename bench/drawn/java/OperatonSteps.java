import java.util.Map;
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
    settings.setJdbcMaxActiveConnections(40);
    settings.setJdbcMaxIdleConnections(40);
    settings.setDatabaseSchemaUpdate("true");
    settings.setHistory("audit");
    DefaultJobExecutor executor = new DefaultJobExecutor();
    executor.setCorePoolSize(16);
    executor.setMaxPoolSize(16);
    executor.setQueueSize(200);
    executor.setMaxJobsPerAcquisition(50);
    settings.setJobExecutor(executor);
    settings.setJobExecutorActivate(true);
    engine = settings.buildProcessEngine();
    StringBuilder process = new StringBuilder(
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:operaton='http://operaton.org/schema/1.0/bpmn' targetNamespace='bench'>"
            + "<process id='steps' isExecutable='true' operaton:historyTimeToLive='P1D'><extensionElements>"
            + "<operaton:executionListener event='end' class='OperatonSteps$Ends'/></extensionElements><startEvent id='start'/>");
    String before = "start";
    for (int n = 1; n <= 10; n++) {
      process.append("<serviceTask id='step_" + n + "' operaton:asyncBefore='true' operaton:class='OperatonSteps$Step'/>");
      process.append("<sequenceFlow id='to_" + n + "' sourceRef='" + before + "' targetRef='step_" + n + "'/>");
      before = "step_" + n;
    }
    process.append("<endEvent id='end'/><sequenceFlow id='to_end' sourceRef='" + before + "' targetRef='end'/></process></definitions>");
    engine.getRepositoryService().createDeployment()
        .addString("steps.bpmn", process.toString()).deploy();
  }

  @Override
  void startInstance() {
    engine.getRuntimeService().startProcessInstanceByKey("steps", Map.of("customer", "c-1001", "total", 129.9));
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
