/**
 * Telling the world: scripts as an unprivileged user and with a time limit, mail, webhooks.
 *
 * <p>Read in this order: Notifier (what happens on an event), ScriptRunner (how a script runs), MailSender, WebhookSender.
 *
 * <p><b>Thread</b>: everything may be called by any thread and returns at once; the work is done on the package's own.
 */
@NullMarked
package io.weir.control.notify;

import org.jspecify.annotations.NullMarked;
