package io.weir.dataplane;

import io.weir.dataplane.ClassicBpf.Label;
import io.weir.dataplane.route.InterfaceInfo.Prefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Classic BPF that asks whether an address is in a set of prefixes: a binary search over the first word, then over the next
 * one, of as many as a family's addresses have.
 */
final class AddressTree {
    private static final int WORD_BITS = 32;

    private final ClassicBpf code;
    private final Label found;
    private final Label missing;
    private final IntConsumer load;

    /**
     * Makes one search.
     *
     * @param load writes what loads a word of the address by its number
     */
    AddressTree(ClassicBpf code, Label found, Label missing, IntConsumer load) {
        this.code = code;
        this.found = found;
        this.missing = missing;
        this.load = load;
    }

    /** The words of an address behind a prefix length. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Words(int[] words, int length) {
        static Words of(Prefix prefix, int coarse) {
            final long hi = prefix.address().hi();
            final long lo = prefix.address().lo();
            final int step = prefix.address().isV4() ? 1 : 4;
            final int length = Math.max(0, prefix.length() - coarse * step);
            final int[] words = prefix.address().isV4()
                    ? new int[] {(int) lo}
                    : new int[] {(int) (hi >>> WORD_BITS), (int) hi, (int) (lo >>> WORD_BITS), (int) lo};
            for (int i = 0; i < words.length; i++) {
                words[i] &= mask(length - i * WORD_BITS);
            }
            return new Words(words, length);
        }

        private static int mask(int bits) {
            return bits <= 0 ? 0 : bits >= WORD_BITS ? -1 : -1 << (WORD_BITS - bits);
        }

        boolean contains(Words other) {
            if (other.length < length) {
                return false;
            }
            for (int i = 0; i < words.length; i++) {
                if ((other.words[i] & mask(length - i * WORD_BITS)) != words[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The words from {@code from} to {@code to}, unsigned: all of them found, or one of them with more to ask. */
    private record Node(int from, int to, List<Words> below) {}

    /** Writes the search; control goes to one of the two labels. */
    void write(List<Words> set) {
        final List<Words> sorted = new ArrayList<>(set);
        sorted.sort(AddressTree::compare);
        final List<Words> largest = new ArrayList<>();
        for (Words each : sorted) {
            if (largest.isEmpty() || !largest.get(largest.size() - 1).contains(each)) {
                largest.add(each);
            }
        }
        level(largest, 0);
    }

    /** By address, a prefix before what it contains. */
    private static int compare(Words a, Words b) {
        for (int i = 0; i < a.words.length; i++) {
            if (a.words[i] != b.words[i]) {
                return Integer.compareUnsigned(a.words[i], b.words[i]);
            }
        }
        return Comparator.<Integer>naturalOrder().compare(a.length, b.length);
    }

    private void level(List<Words> set, int word) {
        final List<Node> nodes = new ArrayList<>();
        final int bitsBefore = word * WORD_BITS;
        for (Words each : set) {
            final int bits = each.length - bitsBefore;
            final int value = each.words[word];
            if (bits <= WORD_BITS) {
                nodes.add(new Node(value, value | ~Words.mask(bits), List.of()));
            } else if (!nodes.isEmpty() && nodes.get(nodes.size() - 1).from() == value) {
                nodes.get(nodes.size() - 1).below().add(each);
            } else {
                nodes.add(new Node(value, value, new ArrayList<>(List.of(each))));
            }
        }
        if (nodes.isEmpty()) {
            code.jump(missing);
        } else {
            load.accept(word);
            search(nodes, word);
        }
    }

    private void search(List<Node> nodes, int word) {
        if (nodes.size() > 1) {
            final int half = nodes.size() / 2;
            final Label upper = new Label();
            code.branch(ClassicBpf.JUMP_IF_AT_LEAST, nodes.get(half).from(), upper);
            search(nodes.subList(0, half), word);
            code.bind(upper);
            search(nodes.subList(half, nodes.size()), word);
            return;
        }
        final Node node = nodes.get(0);
        final Label inside = node.below().isEmpty() ? found : new Label();
        if (node.from() == node.to()) {
            code.branch(ClassicBpf.JUMP_IF_EQUAL, node.from(), inside, missing);
        } else {
            final Label notBelow = new Label();
            code.branch(ClassicBpf.JUMP_IF_AT_LEAST, node.from(), notBelow, missing);
            code.bind(notBelow).branch(ClassicBpf.JUMP_IF_GREATER, node.to(), missing, inside);
        }
        if (!node.below().isEmpty()) {
            code.bind(inside);
            level(node.below(), word + 1);
        }
    }
}
