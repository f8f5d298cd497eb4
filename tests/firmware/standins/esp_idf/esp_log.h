#pragma once
#include <stdio.h>
#define ESP_ERROR_CHECK(call) (void)(call)
#define ESP_LOGI(tag, ...) (printf("%s: ", tag), printf(__VA_ARGS__))
#define ESP_LOGW ESP_LOGI
#define ESP_LOGE ESP_LOGI
