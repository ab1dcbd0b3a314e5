"""Words that mean the same, for the search: people's own beside those of tables.

To add one, write it into its line, or a line of its own: phrases between commas, in any case and
any order of words, singular or plural.  Whoever searches for one phrase of a line finds what any
of them names in the gallery: a value after its column ("glasses sun"), a column of yes and no
("wearing sunglasses"), a region of the map, or a name that `search` gives a measured factor
("blurred").  A phrase in two lines belongs to the first.
"""

LINES = """
sunglasses, shades, sun glasses, wearing sunglasses
glasses, eyeglasses, spectacles, specs, wearing glasses, wearing sunglasses
hat, headwear, wearing hat
phone, cellphone, cell phone, mobile, smartphone, showing cellphone
headphones, earphones, using earphone
lipstick, wearing lipstick

smile, smiling, happy, expression smile, expression grin, expression laugh
laugh, laughing, expression laugh
sad, unhappy, frown, frowning, expression sad
surprised, shocked, astonished, expression surprise
wink, winking, expression wink
tongue, tongue out, expression tongue
duck face, duckface, pout, pouting, expression duck
serious, neutral, straight face, expression neutral

blond, blonde, blond hair, hair colour blond
redhead, ginger, red hair, hair colour red
bald, no hair, hair bald

mirror, mirror selfie, mirror shot, using mirror
selfie, arm's length, shot selfie
group, group selfie, crowd, friends, several people, shot group, people 3, people 4
couple, pair, two people, people 2, two faces
alone, solo, one person, people 1, one face
nobody, no face, no person, faces 0
close, close up, closeup, big face, large face, close faces, shot closeup
far, far away, small face, room to breathe, shot loose
face high, head high, face at the top
face low, head low, face at the bottom
centred, middle, centre
forehead cut, forehead cut off, head cut off, cropped head
eyes cut, eyes cut off, hidden eyes, no eyes
tilted, tilt, leaning, slanted

beach, sea, seaside, ocean, shore, coast, background beach
city, street, town, urban, background city
park, garden, nature, trees, background park
night, evening, background night
outdoors, outside, background beach, background city, background park, background night
indoors, inside, background room, background bath, background shelf
bathroom, bath, background bath
books, bookshelf, shelf, library, background shelf
room, home, background room
car, driving, background car
wall, plain wall, plain, background plain

bright, light, well lit, sunny, high brightness, lighting bright
dark, dim, gloomy, low light, low brightness, lighting dark, dim lighting
harsh light, hard light, harsh lighting
soft light, soft lighting
flash, flashlight, lighting flash
black and white, b&w, bw, monochrome, greyscale, no colour, filter bw
strong colours, colourful, vivid, saturated, filter vivid
pale colours, pale, muted, desaturated, filter desat
warm light, warm, warm colours
cool light, cool, cold, filter cool
strong contrast, high contrast
soft contrast, low contrast
faded, fade, washed out, filter fade
sepia, vintage, filter sepia
white border, white frame
black border, black frame
border, frame
blurred, blurry, blur, out of focus
sharp, crisp, in focus
grainy, noisy, noise, grain

best, top, highest score
worst, bottom, lowest score
liked, popular, label good
unliked, unpopular, label bad
"""

SPELLINGS = {"color": "colour", "gray": "grey", "center": "centre", "centered": "centred"}
