// The one table of what differs between the products, with how each value is known.
//
// XiVO could not be seen while this was written: what its documentation says or what is taken from
// Wazo is unverified until somebody has looked at a node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"

namespace tandem {

enum class Proof {
  observed,    // seen on the product, or on its services run
  read,        // in the vendor's published sources
  documented,  // the vendor's documentation says so
  assumed,     // nothing says so: as on the other product
};

// "observed", "read", "documented", "assumed"
std::string_view proof_name(Proof proof);

// Whether somebody has seen it: observed or read.
bool is_verified(Proof proof);

struct ProductFact {
  std::string_view what;  // "directories that are copied"
  std::string value;      // as a page shows it: "none" where the product has none of it
  Proof proof = Proof::assumed;
  std::string_view source;
};

// All rows of the table for one product, in its order.
std::vector<ProductFact> product_facts(Product product);

// Those that nobody has seen.
std::vector<ProductFact> unverified_facts(Product product);

}  // namespace tandem
