package io.weir.control.top;

/** A column of {@code weir top}; the letter is the key that sorts by it. */
public enum TopColumn {
    NAME('n', "name", "NAME", 0),
    CONNS('c', "connectionsPerSecond", "CONN/S", 9),
    IN_PKTS('p', "inPacketsPerSecond", "IN PKT/S", 10),
    OUT_PKTS('P', "outPacketsPerSecond", "OUT PKT/S", 10),
    IN_BYTES('b', "inBytesPerSecond", "IN B/S", 9),
    OUT_BYTES('B', "outBytesPerSecond", "OUT B/S", 9),
    ACTIVE('a', "active", "ACTIVE", 9),
    INACTIVE('i', "inactive", "INACT", 9),
    /** Of a server; of a service how many servers it has. */
    WEIGHT('w', "weight", "WEIGHT", 8);

    private final char key;
    private final String field;
    private final String title;
    private final int width;

    TopColumn(char key, String field, String title, int width) {
        this.key = key;
        this.field = field;
        this.title = title;
        this.width = width;
    }

    char key() {
        return key;
    }

    /** Its name in JSON. */
    public String field() {
        return field;
    }

    String title() {
        return title;
    }

    /** Characters, a space included; 0 is what is left. */
    int width() {
        return width;
    }

    /** Position in an array of values. */
    @SuppressWarnings("EnumOrdinal")
    public int index() {
        return ordinal();
    }
}
