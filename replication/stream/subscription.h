// The secondary's subscription, in statements: who may make it, and what ends it.
//
// Only a superuser makes a subscription, and what it brings is written with its owner's rights.
// With those of the superuser a trigger on a vendor's table would run as the superuser too; so it
// is given to our role, which may write those tables anyway and no more, and which can then stop
// and drop it by itself, within milliseconds. PostgreSQL 15 gives it to superusers alone: our role
// is one inside that transaction, which nobody sees. It may also ask how far the subscription is:
// by that a change is known that it could not make.
#pragma once

#include <string>

namespace tandem::stream {

// For the superuser, in our database: makes the subscription, which follows no slot yet and brings
// nothing. The publisher has to answer. The text carries the password of `connection`: nowhere but
// on a standard input, where no statement is logged.
std::string make_subscription_text(const std::string& connection);

// The comment that it is given: by it is known whether it was made for this connection, which only
// a superuser reads.
std::string made_for(const std::string& connection);

// As our role. Ends the subscription, and waits for its worker; the other node is not asked, and
// its slot is left over. Nothing where there is none of ours. One statement.
std::string end_subscription_text();
// The same; it stays there, and whoever owns it may enable it again.
std::string pause_text();
// One row, or none: whether it is ours, whether it is enabled, its slot, whether its worker runs,
// how many errors stopped it, its comment, whether its worker has heard of the publisher.
std::string look_text();
// One row, or none: up to which position of the primary's log it has made all, as a number.
std::string progress_text();
// One row: whether the subscription of our name is enabled, whosever it is.
std::string comes_in_text();

// As our role, after the end: no sequence of ours gives a key that came with the stream. Sequences
// are not streamed, and what came since the last run is ahead of them.
std::string raise_sequences_text();

}  // namespace tandem::stream
