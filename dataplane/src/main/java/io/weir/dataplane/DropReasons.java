package io.weir.dataplane;

import io.weir.packet.ParseStatus;

/** Names the counter of a frame that the parser refused. */
final class DropReasons {
    private DropReasons() {}

    static DropReason ofParseStatus(int status) {
        return switch (status) {
            case ParseStatus.TRUNCATED -> DropReason.TRUNCATED;
            case ParseStatus.BAD_VERSION -> DropReason.BAD_VERSION;
            case ParseStatus.BAD_IP_CHECKSUM -> DropReason.BAD_IP_CHECKSUM;
            case ParseStatus.BAD_TRANSPORT -> DropReason.BAD_TRANSPORT;
            default -> DropReason.BAD_HEADER;
        };
    }
}
