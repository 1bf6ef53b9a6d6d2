package io.weir.control;

import io.weir.control.ipvsadm.Command;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.IpvsadmException;
import io.weir.control.ipvsadm.IpvsadmParser;
import io.weir.control.ipvsadm.NameService;
import io.weir.control.ipvsadm.ShadowListing;
import io.weir.control.ipvsadm.TuningArguments;
import io.weir.control.state.DirectorState;
import io.weir.control.state.ServiceEntry;
import io.weir.control.state.ServiceSpec;
import io.weir.control.state.StateException;
import io.weir.service.ServiceKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The control socket's word {@code shadow}: {@code show}, {@code add NAMES SERVICE}, {@code remove NAMES SERVICE}, where
 * NAMES is {@code sed,lc} and SERVICE is as in ipvsadm, {@code -t 192.0.2.1:80}.
 *
 * <p><b>Thread</b>: under the director's lock, except for reading the words.
 */
final class ShadowWords {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int FIRST_OF_SERVICE = 2;
    private static final String ADD = "add";
    private static final String REMOVE = "remove";

    private final DirectorState state;
    private final NameService names;

    ShadowWords(DirectorState state, NameService names) {
        this.state = state;
        this.names = names;
    }

    /** Reads the words; what it returns does the rest. */
    DirectorCommands.Turn turn(List<String> words) {
        final String word = words.isEmpty() ? "show" : words.get(0);
        if (word.equals("show") && words.size() <= 1) {
            return this::show;
        }
        if (!word.equals(ADD) && !word.equals(REMOVE) || words.size() <= FIRST_OF_SERVICE) {
            return () -> new Ipvsadm.Result(
                    USAGE, "", "weir: shadow: show, add NAME[,NAME] SERVICE or remove NAME[,NAME] SERVICE\n");
        }
        try {
            final List<String> given = TuningArguments.names(words.get(1));
            final ServiceKey key = key(words.subList(FIRST_OF_SERVICE, words.size()));
            return () -> change(word.equals(ADD), given, key);
        } catch (IpvsadmException e) {
            return () -> new Ipvsadm.Result(USAGE, "", e.line());
        }
    }

    /** Read as ipvsadm reads it, by a command that takes nothing else. */
    private ServiceKey key(List<String> service) throws IpvsadmException {
        final List<String> line = new ArrayList<>(List.of("-D"));
        line.addAll(service);
        if (new IpvsadmParser(names).parse(line) instanceof Command.DeleteService found) {
            return found.service();
        }
        throw new IllegalStateException("no service in it: line=" + line);
    }

    private Ipvsadm.Result show() {
        final String text = ShadowListing.of(state);
        return new Ipvsadm.Result(0, text.isEmpty() ? "no shadow is attached\n" : text, "");
    }

    private Ipvsadm.Result change(boolean add, List<String> given, ServiceKey key) {
        final ServiceEntry service = state.find(key);
        if (service == null) {
            return failed("no such service");
        }
        final List<String> shadows = new ArrayList<>(service.spec().tuning().shadows());
        for (final String name : given) {
            if (shadows.contains(name) == add) {
                return failed(name + " is " + (add ? "already" : "not") + " a shadow of this service");
            }
        }
        if (add) {
            shadows.addAll(given);
        } else {
            shadows.removeAll(given);
        }
        try {
            state.editService(with(service.spec(), shadows));
            return new Ipvsadm.Result(0, "", "");
        } catch (StateException e) {
            return failed("the service cannot be changed: " + e.reason());
        }
    }

    private static ServiceSpec with(ServiceSpec spec, List<String> shadows) {
        return new ServiceSpec(
                spec.key(),
                spec.scheduler(),
                spec.persistenceSeconds(),
                spec.netmask(),
                spec.onePacket(),
                spec.schedulerFlags(),
                spec.engine(),
                spec.toa(),
                spec.tuning().withShadows(shadows),
                spec.timeouts());
    }

    private static Ipvsadm.Result failed(String why) {
        return new Ipvsadm.Result(FAILED, "", "weir: " + why + "; nothing was changed\n");
    }
}
