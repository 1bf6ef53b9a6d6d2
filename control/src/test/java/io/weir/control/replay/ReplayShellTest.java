package io.weir.control.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.weir.control.ipvsadm.FixedNames;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.state.DirectorState;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplayShellTest {
    private DirectorState state;
    private ReplayCommands commands;
    private ReplayShell shell;

    @BeforeEach
    void open() throws Exception {
        final FakePath path = new FakePath();
        state = new DirectorState(path.load(), path.serviceCounters(), 1, 0);
        final Topology topology = TopologyReader.builtIn();
        final Ipvsadm ipvsadm = new Ipvsadm(state, new FixedNames(topology.hosts()), List::of);
        commands = new ReplayCommands(ipvsadm, state, List::of, topology);
        shell = new ReplayShell(commands);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "echo a  b; echo c~a b/c/~0",
                "echo 'a  b' \"c'd\"~a  b c'd/~0",
                "printf -- 'x\\ny\\n'~x/y/~0",
                "true && echo yes || echo no~yes/~0",
                "false && echo yes~  ~1",
                "false || echo no # rest~no/~0",
                "nosuch 2>/dev/null; true~  ~0",
                "nosuch~  ~127",
            })
    void shouldRunLines(String line, String out, int status) {
        final Ipvsadm.Result result = shell.run(line);
        assertEquals(out == null ? "" : out.replace('/', '\n'), result.out());
        assertEquals(status, result.status());
    }

    @Test
    void shouldFeedPipesAndEmptyTheTableOnRestore() {
        shell.run("ipvsadm -A -t 203.0.113.1:80 -s rr");
        final Ipvsadm.Result twice = shell.run("ipvsadm -Sn | ipvsadm -R");
        assertEquals(new Ipvsadm.Result(255, "", "Service already exists\n"), twice);
        shell.run("printf -- '# c\\n-A -f 5\\n' | ipvsadm-restore");
        assertEquals("-A -f 5 -s wlc\n", shell.run("ipvsadm-save -n").out());
    }

    @Test
    void shouldSetSysctlsThroughTheirFiles() {
        assertEquals(0, shell.run("echo 1 > /proc/sys/net/ipv4/vs/sloppy_tcp").status());
        assertEquals("1\n", shell.run("cat /proc/sys/net/ipv4/vs/sloppy_tcp").out());
        assertEquals(
                new Ipvsadm.Result(1, "", "sh: 1: echo: echo: I/O error\n"),
                shell.run("echo 5 > /proc/sys/net/ipv4/vs/drop_entry"));
        assertEquals(0, state.sysctls().value("drop_entry"));
    }

    @Test
    void shouldChangeLinks() {
        assertEquals(0, shell.run("ip link set dev rs0 mtu 1400 up").status());
        assertEquals(1400, commands.topology().interfaces().get(1).mtu());
        assertEquals(0, shell.run("ip addr add fd00:20::1/64 dev rs0 nodad").status());
        assertEquals(2, commands.topology().interfaces().get(1).addresses().size());
        assertEquals(
                "ip: no such interface: x9\n",
                shell.run("ip link set x9 mtu 1400").err());
    }

    @Test
    void shouldSayWhatIsWrongWithAMarkRule() {
        final Ipvsadm.Result result = shell.run("iptables -t nat -A PREROUTING -j MARK --set-mark 1");
        assertEquals(new Ipvsadm.Result(2, "", "iptables: only mangle is supported here, not nat\n"), result);
    }
}
