  .section .rodata.ca_certificate, "a"
  .global ca_certificate
  .global ca_certificate_end
ca_certificate:
  .incbin CA_CERTIFICATE
ca_certificate_end:
