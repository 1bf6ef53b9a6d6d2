package io.weir.control.health;

import io.weir.control.keepalived.Block;
import io.weir.control.keepalived.ServiceSettings.CheckSettings;

/** {@code SMTP_CHECK}: does the server greet (220), take a HELO (250) and a QUIT (221)? */
final class SmtpChecker implements Checker {
    private static final String DEFAULT_NAME = "smtpchecker.keepalived.org";

    @Override
    public String keyword() {
        return "SMTP_CHECK";
    }

    @Override
    public Object options(Block block, String virtualHost) {
        block.ignore("write connect_ip and connect_port into SMTP_CHECK itself", "host");
        return block.text("helo_name", DEFAULT_NAME);
    }

    @Override
    public Probe probe(CheckSettings check, CheckLoop loop) {
        return new TcpProbe(check, loop, new Smtp((String) check.options()), null);
    }

    private static final class Smtp extends LineConversation {
        private static final String[] WANTED = {"220", "250", "221"};

        private final String[] sends;
        private int stage;

        Smtp(String name) {
            sends = new String[] {"HELO " + name + "\r\n", "QUIT\r\n"};
        }

        @Override
        public Step begin() {
            return Step.WAIT;
        }

        @Override
        Step line(String line) {
            if (!line.startsWith(WANTED[stage])) {
                return Step.down("SMTP said: " + line);
            }
            // "250-" announces another line.
            if (line.length() > 3 && line.charAt(3) == '-') {
                return Step.WAIT;
            }
            return stage == sends.length ? Step.up("SMTP answers") : Step.send(sends[stage++]);
        }
    }
}
