package io.weir.dataplane.io.linux;

/** Names and words for the error numbers that the calls made here can give. */
final class Errno {
    private Errno() {}

    /** The symbol, for example {@code ENODEV}. */
    static String name(int errno) {
        return switch (errno) {
            case LinuxConstants.EPERM -> "EPERM";
            case LinuxConstants.ENOENT -> "ENOENT";
            case LinuxConstants.EINTR -> "EINTR";
            case LinuxConstants.EIO -> "EIO";
            case LinuxConstants.ENXIO -> "ENXIO";
            case LinuxConstants.E2BIG -> "E2BIG";
            case LinuxConstants.EBADF -> "EBADF";
            case LinuxConstants.EAGAIN -> "EAGAIN";
            case LinuxConstants.ENOMEM -> "ENOMEM";
            case LinuxConstants.EACCES -> "EACCES";
            case LinuxConstants.EFAULT -> "EFAULT";
            case LinuxConstants.EBUSY -> "EBUSY";
            case LinuxConstants.EEXIST -> "EEXIST";
            case LinuxConstants.ENODEV -> "ENODEV";
            case LinuxConstants.EINVAL -> "EINVAL";
            case LinuxConstants.ENFILE -> "ENFILE";
            case LinuxConstants.EMFILE -> "EMFILE";
            case LinuxConstants.ENOSPC -> "ENOSPC";
            case LinuxConstants.ENOSYS -> "ENOSYS";
            case LinuxConstants.EBADFD -> "EBADFD";
            case LinuxConstants.EMSGSIZE -> "EMSGSIZE";
            case LinuxConstants.ENOPROTOOPT -> "ENOPROTOOPT";
            case LinuxConstants.EPROTONOSUPPORT -> "EPROTONOSUPPORT";
            case LinuxConstants.EOPNOTSUPP -> "EOPNOTSUPP";
            case LinuxConstants.EAFNOSUPPORT -> "EAFNOSUPPORT";
            case LinuxConstants.EADDRINUSE -> "EADDRINUSE";
            case LinuxConstants.ENETDOWN -> "ENETDOWN";
            case LinuxConstants.ENOBUFS -> "ENOBUFS";
            default -> "errno " + errno;
        };
    }

    /** What an operator understands, without the symbol where the words suffice. */
    static String words(int errno) {
        return switch (errno) {
            case LinuxConstants.ENODEV, LinuxConstants.ENXIO -> "no such device";
            case LinuxConstants.ENOENT -> "no such file";
            case LinuxConstants.EBUSY -> "busy";
            case LinuxConstants.ENOMEM, LinuxConstants.ENOBUFS -> "not enough memory";
            case LinuxConstants.ENETDOWN -> "interface is down";
            case LinuxConstants.EMFILE, LinuxConstants.ENFILE -> "too many open files";
            default -> name(errno);
        };
    }
}
