package io.weir.control.plugin;

/** A plug-in is refused; the message is one line for its author. */
public final class PluginException extends Exception {
    private static final long serialVersionUID = 1L;

    PluginException(String message) {
        super(message);
    }
}
