package io.weir.control.health;

import io.weir.control.keepalived.CheckKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The registry: every kind of check. <b>One line here adds one.</b> */
public final class Checkers {
    /** All kinds. */
    static final List<Checker> ALL = List.of(
            new TcpChecker(),
            new HttpChecker(false),
            new HttpChecker(true),
            new SmtpChecker(),
            new DnsChecker(),
            new UdpChecker(),
            new PingChecker(),
            new MiscChecker(),
            new FileChecker(),
            new BfdChecker(),
            new GrpcChecker(),
            new PostgresChecker(),
            new MysqlChecker(),
            new RedisChecker(),
            new AgentChecker(),
            new PassiveChecker());

    private Checkers() {}

    /** By keyword, for the reader. */
    public static Map<String, CheckKind> kinds() {
        final Map<String, CheckKind> kinds = new LinkedHashMap<>();
        ALL.forEach(each -> kinds.put(each.keyword(), each));
        return kinds;
    }
}
