// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { END_OF_INPUT = 0x04, GO_ON = 0x11, STOP = 0x13 };

static int set_value(struct options *options, enum option_id id, const char *value,
		     struct arena *arena, struct error *err)
{
	options->values[id] = (struct string_list){0};
	return string_list_add(&options->values[id], arena, value, err);
}

static const char *size_text(char text[16])
{
	struct winsize size;
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col ||
	    size.ws_row > 1000 || size.ws_col > 1000)
		return "true";
	snprintf(text, 16, "%ux%u", size.ws_col, size.ws_row);
	return text;
}

int local_input_plan(struct options *options, struct arena *arena, struct local_input *out,
		     struct error *err)
{
	char size[16];
	*out = (struct local_input){.wanted = option_given(options, OPTION_INTERACTIVE)};
	bool tty = option_given(options, OPTION_TTY);
	out->terminal = out->wanted && tty;
	if (out->terminal && !isatty(STDIN_FILENO))
		return error_set(err, "--tty with --interactive: the input is no terminal; drop --tty");
	if (out->wanted && set_value(options, OPTION_INTERACTIVE, "true", arena, err) < 0)
		return -1;
	return tty ? set_value(options, OPTION_TTY, size_text(size), arena, err) : 0;
}

void local_input_begin(struct local_input *input)
{
	if (!input->terminal || tcgetattr(STDIN_FILENO, &input->saved) < 0)
		return;
	struct termios raw = input->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	input->changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void local_input_end(struct local_input *input)
{
	if (input->changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &input->saved);
	input->changed = false;
}

void local_input_read(struct local_input *input)
{
	ssize_t got = read(STDIN_FILENO, input->bytes, TERMINAL_BLOCK);
	input->at = input->end = 0;
	if (got > 0) {
		input->end = (size_t)got;
		input->last = input->bytes[got - 1];
		return;
	}
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	input->ended = true;
	if (input->terminal)
		return;
	if (input->last && input->last != '\n') /* the first ends a line that has no end */
		input->bytes[input->end++] = END_OF_INPUT;
	input->bytes[input->end++] = END_OF_INPUT;
}

size_t local_input_flow(struct local_input *input, char *text, size_t size)
{
	size_t used = 0;
	if (!input->wanted || input->terminal)
		return size;
	for (size_t i = 0; i < size; i++)
		if (text[i] == STOP || text[i] == GO_ON)
			input->stopped = text[i] == STOP;
		else
			text[used++] = text[i];
	return used;
}
