tandem_tests(ports_http_tests
  SOURCES
    ports/beast_http_server_test.cc
    ports/certificates_test.cc
    ports/cpprest_http_life_test.cc
    ports/cpprest_http_test.cc
    ports/cpprest_http_tls_test.cc
    ports/event_source_test.cc
    ports/http_stream_test.cc
    ports/http_test.cc
    ports/peer_tls_test.cc
    ports/test_certificates.cc
    ports/test_server.cc
  LINK tandem_ports_real OpenSSL::SSL OpenSSL::Crypto
  LABELS threads)
