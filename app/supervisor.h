// What systemd wants to be told (sd_notify(3)). Without systemd every call does nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tandem {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_alive();

// How often notify_alive() is wanted; nullopt: there is no watchdog.
std::optional<std::chrono::microseconds> watchdog_period();

}  // namespace tandem
