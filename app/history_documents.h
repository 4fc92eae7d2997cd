// The JSON documents of events, takeovers, probes and reasons.
#pragma once

#include <optional>
#include <vector>

#include "app/documents.h"
#include "core/history.h"
#include "core/probe_row.h"
#include "core/why.h"

namespace tandem {

OrderedJson event_json(const Event& event);
OrderedJson events_document(const EventPage& page, WallTime now);
OrderedJson takeovers_document(const std::vector<TakeoverRecord>& records, WallTime now);
OrderedJson why_document(const Why& why, WallTime now);
// `minutes`: with so many of the last, at most 60.
OrderedJson probes_document(const std::vector<ProbeRow>& rows, WallTime now, int minutes = 0);

}  // namespace tandem
